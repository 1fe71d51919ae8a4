/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A report is written as text and read by message_reader like any other message, so its message_info is made in the
 * same way.
 */
#include "dsn/dsn_private.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "codec/line_limits.h"
#include "codec/quoted_printable.h"
#include "header/header_apply.h"
#include "header/header_write.h"
#include "header/msgid.h"

#define CRLF "\r\n"
#define PORTION (64u * 1024)
#define MSGID_MAX 900

void dsn_message_release(struct dsn_message *made)
{
	envelope_release(&made->env);
	strbuf_release(&made->header);
	message_release(&made->message);
	free(made->message_id);
	made->message_id = NULL;
}

/* ---- header ---------------------------------------------------------------- */

static const char *host_of(const struct dsn *report)
{
	return report->reporting_mta && *report->reporting_mta ? report->reporting_mta : "localhost";
}

static void add_from(const struct dsn *report, struct strbuf *out)
{
	AUTO(strbuf) own = STRBUF_INIT;
	struct fold f = fold_begin(out, CRLF);
	if (report->from_address)
		strbuf_adds(&own, report->from_address);
	else
		strbuf_addf(&own, "MAILER-DAEMON@%s", host_of(report));
	strbuf_adds(out, "From: ");
	/* TRANSLATORS: the name in the From field of reports about undelivered mail. */
	header_write_phrase(&f, span_of(_("Mail Delivery System")));
	fold_break(&f);
	header_write_bracketed(&f, own.buf);
	fold_break(&f);
}

/* An address cannot be broken.  One that fits on no line stands in the envelope only. */
static void add_to(const struct dsn *report, struct strbuf *out)
{
	AUTO(strbuf) to = STRBUF_INIT;
	strbuf_adds(&to, "<");
	header_write_value(&to, report->to->ascii ? report->to->ascii : report->to->given);
	strbuf_adds(&to, ">");
	if (strlen(" ") + to.len > LINE_LIMIT) {
		strbuf_adds(out, "To: undisclosed-recipients:;" CRLF);
		return;
	}
	strbuf_adds(out, strlen("To: ") + to.len > LINE_LIMIT ? "To:" CRLF " " : "To: ");
	strbuf_add_span(out, strbuf_span(&to));
	strbuf_adds(out, CRLF);
}

/* Only a valid id is written into the header. */
static bool is_msgid(const char *id)
{
	size_t len = id ? strlen(id) : 0;
	if (len < 3 || len > MSGID_MAX || id[0] != '<' || id[len - 1] != '>')
		return false;
	for (size_t i = 1; i < len - 1; i++)
		if (id[i] <= ' ' || id[i] > '~' || id[i] == '<' || id[i] == '>')
			return false;
	return true;
}

static void add_header(const struct dsn *report, const char *message_id, const char *boundary, struct strbuf *out)
{
	strbuf_adds(out, "Date: ");
	date_make(out, (time_t)report->now);
	strbuf_adds(out, CRLF);
	add_from(report, out);
	add_to(report, out);
	dsn_field_text(out, "Subject", dsn_subject(report));
	strbuf_addf(out, "Message-ID: %s" CRLF, message_id);
	if (is_msgid(report->message_id)) {
		strbuf_addf(out, "In-Reply-To: %s" CRLF, report->message_id);
		strbuf_addf(out, "References: %s" CRLF, report->message_id);
	}
	strbuf_adds(out, "Auto-Submitted: auto-replied" CRLF "MIME-Version: 1.0" CRLF);
	strbuf_addf(out,
		    "Content-Type: multipart/report; report-type=delivery-status;" CRLF "\tboundary=\"%s\"" CRLF CRLF,
		    boundary);
}

/* ---- body --------------------------------------------------------------------- */

static bool feed_text(struct message_reader *reader, const struct strbuf *text, struct error *err)
{
	return message_reader_feed(reader, text->buf, text->len, err);
}

static void add_boundary(struct strbuf *out, const char *boundary)
{
	strbuf_addf(out, CRLF "--%s" CRLF, boundary);
}

static void add_own_parts(const struct dsn *report, bool full, const char *boundary, struct strbuf *out)
{
	AUTO(strbuf) text = STRBUF_INIT;
	dsn_text(report, full, &text);
	strbuf_addf(out, "--%s" CRLF, boundary);
	strbuf_adds(out,
		    "Content-Type: text/plain; charset=utf-8" CRLF "Content-Transfer-Encoding: quoted-printable" CRLF);
	if (report->language)
		strbuf_addf(out, "Content-Language: %s" CRLF, report->language);
	strbuf_adds(out, CRLF);
	quoted_printable_add_text(out, strbuf_span(&text));
	add_boundary(out, boundary);
	strbuf_adds(out, "Content-Type: message/delivery-status" CRLF CRLF);
	dsn_delivery_status(report, out);
	add_boundary(out, boundary);
}

static bool feed_source(struct message_reader *reader, const struct source *body, struct error *err)
{
	AUTO(strbuf) buf = STRBUF_INIT;
	strbuf_grow(&buf, PORTION);
	for (uint64_t at = 0; at < body->size;) {
		size_t got;
		if (!source_read_at(body, at, buf.buf, PORTION, &got, err) ||
		    !message_reader_feed(reader, buf.buf, got, err))
			return false;
		at += got;
	}
	return true;
}

static bool feed_original(const struct dsn *report, struct message_reader *reader, struct error *err)
{
	AUTO(strbuf) head = STRBUF_INIT;
	bool global = !utf8_is_ascii(report->header);
	strbuf_addf(&head, "Content-Type: %s" CRLF, global ? "message/global" : "message/rfc822");
	if (global || report->info->eightbit_body)
		strbuf_adds(&head, "Content-Transfer-Encoding: 8bit" CRLF);
	strbuf_adds(&head, CRLF);
	strbuf_add_span(&head, report->header);
	return feed_text(reader, &head, err) && feed_source(reader, report->body, err);
}

/* Includes only the header. UTF-8 in it may be encoded (RFC 6533 section 5.3), so every server accepts it. */
static bool feed_fields(const struct dsn *report, struct message_reader *reader, struct error *err)
{
	AUTO(strbuf) part = STRBUF_INIT;
	struct span fields = report->header;
	if (fields.len >= 4 && memcmp(fields.ptr + fields.len - 4, CRLF CRLF, 4) == 0)
		fields.len -= 2;
	bool plain = utf8_is_ascii(fields) && report->info->longest_line <= LINE_LIMIT &&
		     !memchr(fields.ptr, '\0', fields.len);
	if (plain) {
		strbuf_adds(&part, "Content-Type: text/rfc822-headers" CRLF CRLF);
		strbuf_add_span(&part, fields);
	} else {
		strbuf_addf(&part, "Content-Type: %s" CRLF "Content-Transfer-Encoding: quoted-printable" CRLF CRLF,
			    utf8_is_ascii(fields) ? "text/rfc822-headers" : "message/global-headers");
		quoted_printable_add_text(&part, fields);
	}
	return feed_text(reader, &part, err);
}

static bool includes_original(const struct dsn *report)
{
	return report->ret == RET_FULL && dsn_has(report, DSN_FAILED) && !report->require_tls &&
	       report->info->longest_line <= LINE_LIMIT && !report->info->nul;
}

static bool feed_all(const struct dsn *report, const char *message_id, struct message_reader *reader, struct error *err)
{
	AUTO(strbuf) own = STRBUF_INIT, boundary = STRBUF_INIT, end = STRBUF_INIT;
	bool full = includes_original(report);
	msgid_make(&boundary, report->rng, "report"); /* 128 random bits, which cannot be in the original */
	boundary.buf[0] = '=';			      /* for "<"; no line of quoted-printable begins like that */
	boundary.buf[boundary.len - 1] = '=';
	for (size_t i = 1; i + 1 < boundary.len; i++)
		if (boundary.buf[i] == '@')
			boundary.buf[i] = '_';
	add_header(report, message_id, boundary.buf, &own);
	add_own_parts(report, full, boundary.buf, &own);
	strbuf_addf(&end, CRLF "--%s--" CRLF, boundary.buf);
	return feed_text(reader, &own, err) &&
	       (full ? feed_original(report, reader, err) : feed_fields(report, reader, err)) &&
	       feed_text(reader, &end, err) && message_reader_end(reader, err);
}

/* ---- the report ------------------------------------------------------------- */

static void make_wire_header(struct dsn_message *made)
{
	static const struct header_policy as_it_is = {.from = HEADER_OFF};
	AUTO(header_list) fields = HEADER_LIST_INIT;
	AUTO(header_plan) plan = HEADER_PLAN_INIT;
	header_scan(strbuf_span(&made->message.header), &fields);
	header_plan_make(&plan, &fields, &as_it_is);
	strbuf_init(&made->header);
	header_apply(&plan, &fields, message_needs_separator(&made->message), &made->header);
}

/* X.7.15: the server does not accept the priority.  X.7.16: the message is too big for it.  RFC 6710 section 10 */
static bool refused_for_priority(const struct dsn *report)
{
	for (size_t i = 0; i < report->n; i++) {
		const char *enhanced = report->rcpts[i].status->enhanced;
		if (*enhanced && (strcmp(enhanced + 1, ".7.15") == 0 || strcmp(enhanced + 1, ".7.16") == 0))
			return true;
	}
	return false;
}

static void make_envelope(const struct dsn *report, struct envelope *env)
{
	*env = ENVELOPE_INIT;
	env->mail.sender = (struct mail_address){xstrdup(""), xstrdup("")};
	envelope_add(env, (struct mail_address){xstrdup(report->to->given),
						report->to->ascii ? xstrdup(report->to->ascii) : NULL});
	env->mail.params.require_tls = report->require_tls;
	env->mail.params.has_priority = report->has_priority && !refused_for_priority(report);
	env->mail.params.priority = env->mail.params.has_priority ? report->priority : 0;
}

bool dsn_make(const struct dsn *report, struct dsn_message *made, struct error *err)
{
	AUTO(strbuf) id = STRBUF_INIT;
	AUTO(message_reader) reader;
	msgid_make(&id, report->rng, host_of(report));
	message_init(&made->message, report->temp);
	message_reader_init(&reader, &made->message, 0);
	if (!feed_all(report, id.buf, &reader, err)) {
		message_release(&made->message);
		return false;
	}
	make_wire_header(made);
	make_envelope(report, &made->env);
	made->message_id = strbuf_detach(&id, NULL);
	return true;
}
