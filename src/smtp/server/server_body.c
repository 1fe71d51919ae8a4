/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * DATA and BDAT: the octets of a message, on their way from the input to the owner.
 *
 * DATA (RFC 5321 section 4.5.2) is taken in runs, each from the start of a line, without its dot, to the next line that
 * starts with a dot, as far as the input goes.  A dot at the start of a line is not taken before the two octets after
 * it are known.
 */
#include "base/xalloc.h"
#include "smtp/server/server_private.h"

#include <inttypes.h>

static struct span untaken(const struct server_session *s)
{
	return span_sub(strbuf_span(&s->in), s->taken, s->in.len);
}

/* ---- the end of a message, or of a chunk ---- */

static void reply_refusal(struct server_session *s, const struct server_refusal *r)
{
	server_reply(s, r->code, r->enhanced, r->text);
}

/* The last octet has been passed on: asks for the verdict, unless the message was refused. */
static void end_message(struct server_session *s)
{
	const struct server_refusal *refusal = &s->body.refusal;
	s->phase = PHASE_COMMAND;
	if (!refusal->code) {
		s->recipient = 0;
		s->asked = SERVER_MESSAGE;
		return;
	}
	for (size_t i = 0; i < (s->options.protocol == SERVER_LMTP ? s->mail.n : 1); i++)
		reply_refusal(s, refusal);
	server_forget_mail(s);
}

static void end_chunk(struct server_session *s)
{
	struct server_body *b = &s->body;
	s->phase = PHASE_COMMAND;
	if (b->chunk_stray) {
		b->chunk_stray = false;
		reply_refusal(s, &b->stray_reply);
	} else if (b->chunk_last) {
		end_message(s);
	} else if (b->refusal.code) {
		reply_refusal(s, &b->refusal);
	} else {
		AUTO_FREE char *text = xasprintf("Ok, %" PRIu64 " octets", b->chunk_size);
		server_reply(s, 250, "2.0.0", text);
	}
}

/* ---- limits ---- */

static void refuse(struct server_session *s, int code, const char *enhanced, const char *text)
{
	if (!s->body.refusal.code)
		server_refusal_set(&s->body.refusal, code, enhanced, text);
}

static void refuse_size(struct server_session *s)
{
	refuse(s, 552, "5.3.4", "The message is larger than the limit (SIZE)");
}

/* The header is over at the first empty line, whatever ends the lines. */
static void count_header(struct server_session *s, struct span run)
{
	struct server_body *b = &s->body;
	for (size_t i = 0; i < run.len && b->line_ends < 2; i++) {
		if (run.ptr[i] == '\n')
			b->line_ends++;
		else if (run.ptr[i] != '\r')
			b->line_ends = 0;
		b->header++;
	}
	if (b->header > s->options.limits.header)
		refuse(s, 552, "5.3.4", "The header of the message is larger than the limit");
}

static void pass_on(struct server_session *s, struct span run)
{
	struct server_body *b = &s->body;
	uint64_t limit = s->options.offers->size_limit;
	if (!run.len)
		return;
	b->octets += run.len;
	s->progress += run.len;
	if (server_offers(s, CAP_SIZE) && limit && b->octets > limit)
		refuse_size(s);
	count_header(s, run);
	if (b->refusal.code)
		return;
	s->run = run;
	s->asked = SERVER_BODY;
}

/* ---- DATA ---- */

enum dot { DOT_UNKNOWN, DOT_STUFFED, DOT_CONTENT, DOT_END };

static bool at_line_start(const struct server_session *s)
{
	return s->body.at == START_CRLF || (s->body.at == START_LF && s->options.lines != SERVER_LINES_CRLF);
}

/* What the dot at the start of rest, and of a line, is.  *n: octets of the end. */
static enum dot dot_kind(const struct server_session *s, struct span rest, size_t *n)
{
	bool text = s->options.lines == SERVER_LINES_TEXT;
	if (rest.len < 2 || (rest.ptr[1] == '\r' && rest.len < 3))
		return DOT_UNKNOWN;
	bool lf = rest.ptr[1] == '\n', crlf = rest.ptr[1] == '\r' && rest.ptr[2] == '\n';
	*n = lf ? 2 : 3;
	if ((crlf && (text || s->body.at == START_CRLF)) || (lf && text))
		return DOT_END;
	return lf || crlf ? DOT_CONTENT : DOT_STUFFED;
}

/* A CR without LF, or LF without CR, in this piece of a line; at: where the octet before it was. */
static bool has_bare(struct span piece, bool after_cr)
{
	for (const char *p = piece.ptr, *end = p + piece.len; p < end; p++) {
		if (after_cr != (*p == '\n'))
			return true;
		const char *cr = *p == '\r' ? p : memchr(p, '\r', (size_t)(end - p));
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		if (lf && lf > p && lf[-1] != '\r')
			return true;
		if (!cr)
			return false;
		after_cr = true;
		p = cr;
	}
	return false;
}

/* Where the line at `from` ends, its LF included, or the input; sets where that is in a line. */
static size_t line_end(struct server_body *b, struct span rest, size_t from)
{
	const char *lf = from < rest.len ? memchr(rest.ptr + from, '\n', rest.len - from) : NULL;
	size_t end = lf ? (size_t)(lf - rest.ptr) + 1 : rest.len;
	if (lf) {
		bool cr = end - from > 1 ? lf[-1] == '\r' : b->at == AFTER_CR;
		b->at = cr ? START_CRLF : START_LF;
	} else if (end > from) {
		b->at = rest.ptr[end - 1] == '\r' ? AFTER_CR : IN_LINE;
	}
	return end;
}

static void check_line_ends(struct server_session *s, struct span run, bool after_cr)
{
	if (s->options.lines == SERVER_LINES_CRLF && has_bare(run, after_cr))
		refuse(s, 554, "5.6.0",
		       "The message has a CR or LF that is not part of a line end (CR LF); nothing was sent");
}

static bool take_data(struct server_session *s)
{
	struct span rest = untaken(s);
	size_t from = 0, end_length = 0;
	if (!rest.len)
		return false;
	if (at_line_start(s) && rest.ptr[0] == '.') {
		enum dot dot = dot_kind(s, rest, &end_length);
		if (dot == DOT_UNKNOWN)
			return false;
		if (dot == DOT_END) {
			s->taken += end_length;
			end_message(s);
			return true;
		}
		from = dot == DOT_STUFFED;
	}
	bool after_cr = s->body.at == AFTER_CR;
	size_t end = line_end(&s->body, rest, from);
	while (end < rest.len && !(at_line_start(s) && rest.ptr[end] == '.'))
		end = line_end(&s->body, rest, end);
	struct span run = span_sub(rest, from, end);
	s->taken += end;
	check_line_ends(s, run, after_cr);
	pass_on(s, run);
	return true;
}

void server_data_command(struct server_session *s, struct span arguments)
{
	(void)arguments;
	bool lmtp = s->options.protocol == SERVER_LMTP;
	if (!s->in_mail) {
		server_error(s, 503, "5.5.1", "Say MAIL first");
	} else if (s->body.begun || s->mail.binary) {
		server_error(s, 503, "5.5.1",
			     s->body.begun ? "Only BDAT may follow BDAT" : "BODY=BINARYMIME needs BDAT");
	} else if (!s->mail.n) {
		server_reply(s, s->rcpt_refused && !lmtp ? 554 : 503, "5.5.1", "No recipient has been accepted");
	} else {
		s->body.at = START_CRLF;
		s->body.line_ends = 1; /* an empty line may come first */
		s->phase = PHASE_DATA;
		server_reply(s, 354, "", "Send the message, and CR LF . CR LF");
	}
}

/* ---- BDAT (RFC 3030) ---- */

static bool take_chunk(struct server_session *s)
{
	struct span rest = untaken(s);
	struct server_body *b = &s->body;
	size_t n = rest.len < b->chunk_left ? rest.len : (size_t)b->chunk_left;
	if (!n && b->chunk_left)
		return false;
	s->taken += n;
	b->chunk_left -= n;
	if (!b->chunk_stray)
		pass_on(s, span_sub(rest, 0, n));
	if (!b->chunk_left && s->asked == SERVER_READ)
		end_chunk(s);
	return true;
}

/* Its octets are read all the same, as they are no commands. */
static void stray_chunk(struct server_session *s, int code, const char *enhanced, const char *text)
{
	s->body.chunk_stray = true;
	server_refusal_set(&s->body.stray_reply, code, enhanced, text);
}

static void begin_chunk(struct server_session *s)
{
	struct server_body *b = &s->body;
	uint64_t limit = s->options.offers->size_limit;
	if (!server_offers(s, CAP_CHUNKING)) {
		stray_chunk(s, 502, "5.5.1", "BDAT is not offered");
	} else if (s->options.tls_needed && !s->tls_active) {
		stray_chunk(s, 530, "5.7.0", "Start TLS first, by STARTTLS");
	} else if (s->options.login_needed && !s->has_login) {
		stray_chunk(s, 530, "5.7.0", "Log in first, by AUTH");
	} else if (!s->in_mail) {
		stray_chunk(s, 503, "5.5.1", "Say MAIL first");
	} else if (!s->mail.n) {
		stray_chunk(s, s->rcpt_refused && s->options.protocol == SERVER_SMTP ? 554 : 503, "5.5.1",
			    "No recipient has been accepted");
	} else {
		if (!b->begun)
			b->line_ends = 1;
		b->begun = true;
		if (server_offers(s, CAP_SIZE) && limit && b->chunk_size > limit - b->octets)
			refuse_size(s);
	}
	s->phase = PHASE_CHUNK;
	if (!b->chunk_left)
		end_chunk(s);
}

void server_bdat_command(struct server_session *s, struct span arguments)
{
	unsigned long long size;
	struct span number = span_word(&arguments), last = span_word(&arguments);
	if (!span_to_u64(number, &size) || span_trim(arguments).len ||
	    (last.len && !span_equals_str_nocase(last, "LAST"))) {
		/* how many octets follow is not known, so nothing that follows can be understood */
		server_reply(s, 421, "4.7.0", "The form is BDAT size or BDAT size LAST; closing the connection");
		return;
	}
	s->body.chunk_size = s->body.chunk_left = size;
	s->body.chunk_last = last.len > 0;
	begin_chunk(s);
}

bool server_body_take(struct server_session *s)
{
	return s->phase == PHASE_DATA ? take_data(s) : take_chunk(s);
}

void server_body_taken(struct server_session *s)
{
	if (s->phase == PHASE_CHUNK && !s->body.chunk_left && s->end == SERVER_OPEN)
		end_chunk(s);
}
