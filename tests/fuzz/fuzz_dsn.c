/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever is reported: the report has the three parts of RFC 6522 and nothing else, lines of at most 998 octets that
 * end with CRLF, a header and explanations in ASCII; the part for programs has exactly its fields, and a group of them
 * for each recipient; the original is in it as it was.  No text from elsewhere adds a line, a field or a part.
 *
 * The input: a line of letters (f: failed, d: delayed, r: relayed, for one recipient each; h: only the header; t:
 * REQUIRETLS), then a line each: recipient, original recipient, the server's words, its host, ENVID, subject,
 * Message-ID, and the name of this host; then the message.
 */
#include "fuzz.h"

#include "dsn/dsn.h"
#include "header/header_apply.h"
#include "message/wire.h"

#include <sys/mman.h>

enum { RCPT, ORCPT, WORDS, HOST, ENVID, SUBJECT, MSGID, HERE, TEXTS };

static int open_in_memory(const struct temp_files *temp, struct error *err)
{
	(void)temp;
	(void)err;
	return memfd_create("fuzz", MFD_CLOEXEC);
}
static const struct temp_files temp_in_memory = {open_in_memory, NULL};

static const struct mail_address sender = {(char[]){"me@example.org"}, (char[]){"me@example.org"}};

/* ---- the original ---- */

static void read_original(struct message *msg, struct span text, struct strbuf *header)
{
	static const struct header_policy as_it_is = {.from = HEADER_OFF};
	AUTO(message_reader) r;
	AUTO(header_list) list = HEADER_LIST_INIT;
	AUTO(header_plan) plan = HEADER_PLAN_INIT;
	message_init(msg, &temp_in_memory);
	message_reader_init(&r, msg, 0);
	MUST(message_reader_feed(&r, text.ptr, text.len, NULL) && message_reader_end(&r, NULL));
	header_scan(strbuf_span(&msg->header), &list);
	header_plan_make(&plan, &list, &as_it_is);
	header_apply(&plan, &list, message_needs_separator(msg), header);
}

static void add_wire(struct span header, const struct source *body, struct strbuf *out)
{
	AUTO(wire_body) w;
	wire_body_init(&w, header, body, false);
	for (bool more = true; more;)
		MUST(wire_body_next(&w, out, &more, NULL));
}

/* ---- the report ---- */

static void must_have_lines(struct span text)
{
	struct span line;
	MUST(text.len && text.ptr[text.len - 1] == '\n');
	while (fuzz_line(&text, &line)) {
		MUST(line.len && line.ptr[line.len - 1] == '\r');
		MUST(line.len <= 999 && !memchr(line.ptr, '\r', line.len - 1));
	}
}

/* Takes the text up to the next delimiter with this boundary from the front of *rest. */
static struct span take_part(struct span *rest, struct span boundary, const char *after)
{
	AUTO(strbuf) line = STRBUF_INIT;
	strbuf_addf(&line, "\r\n--%.*s%s\r\n", SPAN_FMT(boundary), after);
	const char *hit = memmem(rest->ptr, rest->len, line.buf, line.len);
	MUST(hit);
	struct span part = span_sub(*rest, 0, (size_t)(hit - rest->ptr));
	*rest = span_sub(*rest, part.len + line.len, rest->len);
	return part;
}

static struct span boundary_of(struct span header)
{
	const char *from = memmem(header.ptr, header.len, "\tboundary=\"", 11);
	MUST(from);
	from += 11;
	const char *end = memchr(from, '"', (size_t)(header.ptr + header.len - from));
	MUST(end && end - from >= 20 && end - from <= 70);
	return span_make(from, (size_t)(end - from));
}

/* Counts the fields of a group, each one of these names, at most once, folded or not. */
static void must_have_fields(struct span group, const char *const *names, size_t n, const char *needed)
{
	AUTO_FREE bool *seen = calloc(n, sizeof(bool));
	struct span line;
	bool found = false;
	while (fuzz_line(&group, &line)) {
		size_t i = 0;
		if (ascii_isblank(*line.ptr))
			continue;
		while (i < n && !(span_starts_nocase(line, names[i]) && line.ptr[strlen(names[i])] == ':'))
			i++;
		MUST(i < n && !seen[i]);
		seen[i] = true;
		found |= strcmp(names[i], needed) == 0;
	}
	MUST(found);
}

/* The next group of fields; they are separated by an empty line. */
static bool take_group(struct span *rest, struct span *group)
{
	const char *end = rest->len ? memmem(rest->ptr, rest->len, "\r\n\r\n", 4) : NULL;
	if (!rest->len)
		return false;
	size_t len = end ? (size_t)(end - rest->ptr) + 2 : rest->len;
	*group = span_sub(*rest, 0, len);
	*rest = span_sub(*rest, end ? len + 2 : len, rest->len);
	return true;
}

static void must_be_a_status(struct span part, size_t recipients)
{
	static const char *const message[] = {"Reporting-MTA", "Original-Envelope-Id", "Arrival-Date",
					      "X-Posthaste-Queue-ID"};
	static const char *const rcpt[] = {
		"Original-Recipient", "Final-Recipient",   "Action",	   "Status",	      "Remote-MTA",
		"Diagnostic-Code",    "Last-Attempt-Date", "Final-Log-ID", "Will-Retry-Until"};
	static const char head[] = "Content-Type: message/delivery-status\r\n\r\n";
	struct span group;
	size_t n = 0;
	MUST(utf8_is_ascii(part) && fuzz_has(span_sub(part, 0, strlen(head)), span_of(head)));
	part = span_sub(part, strlen(head), part.len);
	MUST(take_group(&part, &group));
	must_have_fields(group, message, ARRAY_SIZE(message), "Reporting-MTA");
	for (; take_group(&part, &group); n++)
		must_have_fields(group, rcpt, ARRAY_SIZE(rcpt), "Final-Recipient");
	MUST(n == recipients);
}

static bool ends_with(struct span text, struct span end)
{
	return text.len >= end.len && span_equal(span_sub(text, text.len - end.len, text.len), end);
}

static void must_be_a_report(const struct dsn_message *made, const struct dsn *report, struct span original)
{
	static const char *const fields[] = {"Date",	     "From",	    "To",	  "Subject",
					     "Message-ID",   "In-Reply-To", "References", "Auto-Submitted",
					     "MIME-Version", "Content-Type"};
	AUTO(strbuf) body = STRBUF_INIT;
	struct span header = strbuf_span(&made->header), rest;
	must_have_lines(header);
	MUST(utf8_is_ascii(header));
	must_have_fields(span_sub(header, 0, header.len - 2), fields, ARRAY_SIZE(fields), "To");
	struct span boundary = boundary_of(header);
	strbuf_adds(&body, "\r\n");
	add_wire(span_make("", 0), &made->message.body, &body);
	must_have_lines(strbuf_span(&body));
	rest = strbuf_span(&body);
	MUST(!take_part(&rest, boundary, "").len);
	MUST(utf8_is_ascii(take_part(&rest, boundary, "")));
	struct span status = take_part(&rest, boundary, "");
	must_be_a_status(status, report->n);
	struct span last = take_part(&rest, boundary, "--");
	MUST(!rest.len);
	if (report->ret == RET_FULL && span_starts_nocase(last, "Content-Type: message/rfc822\r\n"))
		MUST(ends_with(last, original) || ends_with(last, span_sub(original, 0, original.len - 2)));
}

/* ---- the input ---- */

struct texts {
	char *v[TEXTS]; /* NULL: an empty line */
};

static void texts_release(struct texts *texts)
{
	for (size_t i = 0; i < TEXTS; i++)
		free(texts->v[i]);
}

static void texts_read(struct texts *texts, struct span *rest)
{
	struct span line;
	for (size_t i = 0; i < TEXTS; i++)
		texts->v[i] = fuzz_line(rest, &line) && line.len ? fuzz_string(line) : NULL;
}

#define RCPTS_MAX 8

static size_t make_recipients(struct dsn_recipient *rcpts, struct span letters, const struct texts *texts,
			      const struct status *status)
{
	size_t n = 0;
	for (size_t i = 0; i < letters.len && n < RCPTS_MAX; i++) {
		char c = letters.ptr[i];
		if (c != 'f' && c != 'd' && c != 'r')
			continue;
		rcpts[n++] = (struct dsn_recipient){
			.address = texts->v[RCPT] ? texts->v[RCPT] : "a@example.org",
			.orcpt = texts->v[ORCPT],
			.action = c == 'f'   ? DSN_FAILED
				  : c == 'd' ? DSN_DELAYED
					     : DSN_RELAYED,
			.status = status,
			.last_attempt = FUZZ_NOW - 60,
		};
	}
	return n;
}

static void must_report(const struct dsn *report)
{
	AUTO(strbuf) original = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	struct dsn_message made = {.message_id = NULL};
	bool ok = dsn_make(report, &made, &err);
	MUST(ok);
	add_wire(report->header, report->body, &original);
	/* chance is the same each time here, so a message can have the boundary in it */
	if (!fuzz_has(strbuf_span(&original), boundary_of(strbuf_span(&made.header))))
		must_be_a_report(&made, report, strbuf_span(&original));
	dsn_message_release(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make((const char *)data, size), letters = {"", 0};
	AUTO(texts) texts;
	AUTO(message) msg;
	AUTO(strbuf) header = STRBUF_INIT;
	struct dsn_recipient rcpts[RCPTS_MAX];
	(void)fuzz_line(&rest, &letters);
	texts_read(&texts, &rest);
	read_original(&msg, rest, &header);
	const char *envid = texts.v[ENVID];
	const struct status status = {.kind = ERROR_RECIPIENT_REFUSED,
				      .code = 550,
				      .text = texts.v[WORDS],
				      .server = {texts.v[WORDS], texts.v[WORDS]},
				      .host = texts.v[HOST]};
	const struct dsn report = {
		.from_address = "me@example.org",
		.reporting_mta = texts.v[HERE],
		.to = &sender,
		.queue_id = "01jd3k8qz5f7m",
		.envid = envid && envelope_envid_check(span_of(envid)) ? envid : NULL,
		.message_id = texts.v[MSGID],
		.subject = texts.v[SUBJECT],
		.arrival = FUZZ_NOW - 3600,
		.now = FUZZ_NOW,
		.will_retry_until = FUZZ_NOW + 86400,
		.rcpts = rcpts,
		.n = make_recipients(rcpts, letters, &texts, &status),
		.ret = fuzz_has(letters, SPAN_LIT("h")) ? RET_HDRS : RET_FULL,
		.require_tls = fuzz_has(letters, SPAN_LIT("t")),
		.header = strbuf_span(&header),
		.body = &msg.body,
		.info = &msg.info,
		.rng = &fuzz_rng,
		.temp = &temp_in_memory,
	};
	if (report.n)
		must_report(&report);
	return 0;
}
