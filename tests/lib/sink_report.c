/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The envelope of a message as JSON (RFC 8259). */
#include "sink_session.h"
#include "sink_syntax.h"

#include <string.h>

/* A JSON string; octets that are not UTF-8 become \u00XX. */
static void add_string(struct buf *b, const char *text)
{
	bool utf8 = syntax_utf8(text, strlen(text));

	buf_adds(b, "\"");
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			buf_addf(b, "\\%c", c);
		else if (c < 32 || c == 127 || (c >= 128 && !utf8))
			buf_addf(b, "\\u%04x", c);
		else
			buf_add(b, text, 1);
	}
	buf_adds(b, "\"");
}

static void add_member(struct buf *b, const char *name, const char *text)
{
	buf_addf(b, ", \"%s\": ", name);
	if (text)
		add_string(b, text);
	else
		buf_adds(b, "null");
}

static void add_number(struct buf *b, const char *name, uint64_t n)
{
	buf_addf(b, ", \"%s\": %llu", name, (unsigned long long)n);
}

static void add_recipients(struct buf *b, const struct transaction *t)
{
	buf_adds(b, ",\n \"rcpt\": [");
	for (size_t i = 0; i < t->rcpt_count; i++) {
		buf_addf(b, "%s{\"address\": ", i ? ",\n  " : "");
		add_string(b, t->rcpt[i].address);
		add_member(b, "params", t->rcpt[i].params);
		buf_addf(b, ", \"code\": %d}", t->rcpt[i].code);
	}
	buf_adds(b, "]");
}

static void add_auth(struct buf *b, const struct session *s)
{
	if (!s->auth_user) {
		buf_adds(b, ",\n \"auth\": null");
		return;
	}
	buf_adds(b, ",\n \"auth\": {\"user\": ");
	add_string(b, s->auth_user);
	add_member(b, "mechanism", s->auth_mechanism);
	add_member(b, "channel_binding", *s->auth_binding ? s->auth_binding : NULL);
	buf_adds(b, "}");
}

static void add_tls(struct buf *b, const struct session *s)
{
	struct tls_info info;

	if (!s->conn->tls) {
		buf_adds(b, ",\n \"tls\": null");
		return;
	}
	tls_describe(s->conn, &info);
	buf_adds(b, ",\n \"tls\": {\"version\": ");
	add_string(b, info.version);
	add_member(b, "cipher", info.cipher);
	add_member(b, "sni", info.sni.len ? info.sni.data : NULL);
	add_member(b, "client_subject", info.client_subject.len ? info.client_subject.data : NULL);
	buf_addf(b, ", \"starttls\": %s}", s->starttls_done ? "true" : "false");
	buf_release(&info.sni);
	buf_release(&info.client_subject);
}

static void add_transfer(struct buf *b, const struct session *s, const char *transfer)
{
	static const char *const names[] = {NULL, "7BIT", "8BITMIME", "BINARYMIME"};
	const struct transaction *t = &s->tx;

	buf_adds(b, ",\n \"transfer\": ");
	add_string(b, transfer);
	buf_adds(b, ", \"chunks\": [");
	for (size_t i = 0; i < t->chunk_count; i++)
		buf_addf(b, "%s%llu", i ? ", " : "", (unsigned long long)t->chunks[i]);
	buf_adds(b, "]");
	add_member(b, "body", names[t->params.body]);
	add_number(b, "size", t->body.size);
	add_number(b, "longest_line", t->body.longest);
	add_number(b, "reads", s->conn->reads - t->reads);
	add_number(b, "tls_records", s->conn->records - t->records);
}

void report_envelope(const struct session *s, const char *transfer, unsigned number, struct buf *b)
{
	const struct transaction *t = &s->tx;

	buf_addf(b, "{\"id\": \"%04u\", \"connection\": %u", number, s->log->connection);
	add_member(b, "peer", s->conn->peer);
	add_member(b, "protocol", s->opt->lmtp ? "LMTP" : !strcmp(s->hello_verb, "EHLO") ? "ESMTP" : "SMTP");
	add_member(b, "ehlo", s->hello);
	buf_adds(b, ",\n \"mail_from\": ");
	add_string(b, t->from);
	add_member(b, "mail_params", t->from_params);
	add_recipients(b, t);
	add_auth(b, s);
	add_tls(b, s);
	add_transfer(b, s, transfer);
	buf_adds(b, "}\n");
}
