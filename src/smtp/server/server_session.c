/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/server/server_session.h"

#include "base/base64.h"
#include "base/xalloc.h"
#include "smtp/server/server_private.h"

#include <assert.h>

/* Replies are written before more input is taken if there are so many: a client that never reads cannot make them use
 * more memory. */
#define OUT_FULL (64u * 1024)
/* RFC 4954 section 4 */
#define AUTH_LINE_MAX 12288u

struct server_session *server_new(const struct server_options *options)
{
	struct server_session *s = xcalloc(1, sizeof(*s));
	AUTO_FREE char *greeting =
		xasprintf("%s %s ready", options->host_name, options->protocol == SERVER_LMTP ? "LMTP" : "ESMTP");
	s->options = *options;
	s->tls_active = options->tls_active;
	strbuf_init(&s->in);
	strbuf_init(&s->out);
	strbuf_init(&s->response);
	server_reply(s, 220, "", greeting);
	return s;
}

void server_free(struct server_session *s)
{
	if (!s)
		return;
	server_forget_client(s);
	strbuf_wipe(&s->in);
	strbuf_wipe(&s->out);
	strbuf_wipe(&s->response);
	free(s->mechanism);
	free(s);
}

bool server_offers(const struct server_session *s, enum cap cap)
{
	if (cap == CAP_STARTTLS && s->tls_active)
		return false;
	if (cap == CAP_AUTH && s->options.auth_needs_tls && !s->tls_active)
		return false;
	if (cap == CAP_BINARYMIME && !caps_has(s->options.offers, CAP_CHUNKING)) /* RFC 3030 section 3 */
		return false;
	return caps_has(s->options.offers, cap);
}

static void recipient_release(struct server_recipient *r)
{
	free(r->address);
	free(r->orcpt);
}

static void release_mail(struct server_mail *mail)
{
	mail_options_release(&mail->options);
	for (size_t i = 0; i < mail->n; i++)
		recipient_release(&mail->rcpts[i]);
	free(mail->rcpts);
	*mail = (struct server_mail){.options = MAIL_OPTIONS_INIT};
}

void server_forget_mail(struct server_session *s)
{
	release_mail(&s->mail);
	server_refusal_release(&s->body.refusal);
	server_refusal_release(&s->body.stray_reply);
	s->body = (struct server_body){.begun = false};
	s->in_mail = s->rcpt_refused = false;
	s->recipient = 0;
}

void server_forget_client(struct server_session *s)
{
	server_forget_mail(s);
	free(s->client_name);
	s->client_name = NULL;
	s->hello = s->enhanced = s->has_login = false;
}

/* ---- input ---- */

static struct span untaken(const struct server_session *s)
{
	return span_sub(strbuf_span(&s->in), s->taken, s->in.len);
}

static bool is_auth(struct span line)
{
	return span_equals_str_nocase(span_word(&line), "AUTH");
}

static size_t line_limit(const struct server_session *s, struct span line)
{
	if (s->phase == PHASE_SASL || (server_offers(s, CAP_AUTH) && is_auth(line)))
		return AUTH_LINE_MAX;
	return s->options.limits.line;
}

static void line_too_long(struct server_session *s)
{
	bool sasl = s->phase == PHASE_SASL;
	if (s->options.trace)
		s->options.trace(s->options.trace_arg, true, SPAN_LIT("<too long>"));
	s->phase = PHASE_COMMAND;
	server_error(s, 500, sasl ? "5.5.6" : "5.5.2", "The line is too long");
}

static bool is_secret(const struct server_session *s, struct span line)
{
	return s->phase == PHASE_SASL || is_auth(line);
}

static void trace_line(const struct server_session *s, struct span line)
{
	if (!s->options.trace)
		return;
	if (s->phase == PHASE_SASL) {
		line = SPAN_LIT("<hidden>");
	} else if (is_auth(line)) {
		AUTO(strbuf) shown = STRBUF_INIT;
		(void)span_word(&line);
		const char *mechanism = server_auth_mechanism(s, span_word(&line));
		strbuf_addf(&shown, "AUTH %s%s", mechanism ? mechanism : "",
			    mechanism && !span_trim(line).len ? "" : " <hidden>");
		s->options.trace(s->options.trace_arg, true, strbuf_span(&shown));
		return;
	}
	s->options.trace(s->options.trace_arg, true, line);
}

/* The line end is checked here: what ends it, and that it is nowhere else. */
static bool is_clean(const struct server_session *s, struct span *line)
{
	if (line->len && line->ptr[line->len - 1] == '\r')
		line->len--;
	else if (s->options.lines != SERVER_LINES_TEXT)
		return false;
	return !memchr(line->ptr, '\r', line->len) && !memchr(line->ptr, '\0', line->len);
}

static void on_line(struct server_session *s, struct span line)
{
	bool secret = is_secret(s, line), clean = is_clean(s, &line);
	size_t from = (size_t)(line.ptr - s->in.buf), len = line.len;
	trace_line(s, line);
	s->greeted = true;
	s->progress++;
	if (s->phase == PHASE_SASL && clean)
		server_auth_response(s, line);
	else if (++s->commands > s->options.limits.commands) {
		server_reply(s, 421, "4.7.0", "Too many commands, closing the connection");
		s->end = SERVER_LIMIT;
	} else if (!clean) {
		s->phase = PHASE_COMMAND;
		server_error(s, 500, "5.5.2", "A line ends with CR LF, and has neither of them nor NUL elsewhere");
	} else {
		server_command(s, line);
	}
	if (secret)
		explicit_bzero(s->in.buf + from, len);
}

/* Takes one line from the input; false: it is not complete. */
static bool take_line(struct server_session *s)
{
	struct span rest = untaken(s);
	const char *end = rest.len ? memchr(rest.ptr, '\n', rest.len) : NULL;
	size_t len = end ? (size_t)(end - rest.ptr) : rest.len;
	if (len >= line_limit(s, rest)) /* the rest of it is not kept */
		s->skipping = true;
	if (!end && s->skipping)
		s->taken += len;
	if (!end)
		return false;
	s->taken += len + 1;
	if (s->skipping) {
		s->skipping = false;
		line_too_long(s);
	} else {
		on_line(s, span_sub(rest, 0, len));
	}
	return true;
}

static bool take_input(struct server_session *s)
{
	if (s->phase == PHASE_DATA || s->phase == PHASE_CHUNK)
		return server_body_take(s);
	return take_line(s);
}

/* ---- what the owner is asked for ---- */

static bool has_output(const struct server_session *s)
{
	return s->written < s->out.len;
}

static struct server_step make_step(const struct server_session *s, enum server_want want)
{
	struct server_step step = {.want = want, .mail = &s->mail};
	if (want == SERVER_WRITE)
		step.octets = span_sub(strbuf_span(&s->out), s->written, s->out.len);
	if (want == SERVER_READ)
		step.in_message = s->phase == PHASE_DATA || s->phase == PHASE_CHUNK;
	if (want == SERVER_BODY)
		step.octets = s->run;
	if (want == SERVER_RCPT)
		step.recipient = s->mail.n - 1;
	if (want == SERVER_MESSAGE)
		step.recipient = s->recipient;
	if (want == SERVER_SASL) {
		step.event = s->sasl_event;
		step.mechanism = s->mechanism;
		step.octets = s->has_response ? strbuf_span(&s->response) : (struct span){NULL, 0};
	}
	return step;
}

/* What takes long, or changes the stream, waits until the replies so far are on their way. */
static bool asks_after_writing(const struct server_session *s)
{
	return s->asked == SERVER_MESSAGE || s->asked == SERVER_START_TLS || s->asked == SERVER_SASL;
}

struct server_step server_step(struct server_session *s)
{
	bool more = true;
	while (more && s->asked == SERVER_READ && s->end == SERVER_OPEN && s->out.len - s->written < OUT_FULL)
		more = take_input(s);
	if (s->asked != SERVER_READ && !(asks_after_writing(s) && has_output(s)))
		return make_step(s, s->asked);
	if (has_output(s))
		return make_step(s, SERVER_WRITE);
	return make_step(s, s->end == SERVER_OPEN ? SERVER_READ : SERVER_CLOSE);
}

/* ---- what the owner reports ---- */

/* Leaves no copy of the octets so far behind when the buffer grows. */
static void append_input(struct server_session *s, struct span octets)
{
	if (s->in.len && s->in.cap - s->in.len <= octets.len) {
		struct strbuf larger = STRBUF_INIT;
		strbuf_grow(&larger, s->in.len + octets.len);
		strbuf_add_span(&larger, strbuf_span(&s->in));
		strbuf_wipe(&s->in);
		s->in = larger;
	}
	strbuf_add_span(&s->in, octets);
}

void server_feed(struct server_session *s, struct span octets)
{
	if (s->end != SERVER_OPEN)
		return;
	size_t before = s->in.len;
	strbuf_remove(&s->in, 0, s->taken);
	if (s->taken && before && !s->has_login && server_offers(s, CAP_AUTH)) /* part of a secret line, perhaps */
		explicit_bzero(s->in.buf + s->in.len, before - s->in.len);
	s->taken = 0;
	append_input(s, octets);
}

void server_wrote(struct server_session *s, size_t n)
{
	assert(n <= s->out.len - s->written);
	s->written += n;
	s->progress += n;
	if (has_output(s))
		return;
	if (s->wipe)
		explicit_bzero(s->out.buf, s->out.len);
	s->wipe = false;
	strbuf_reset(&s->out);
	s->written = 0;
}

static void close_at_once(struct server_session *s, enum server_end end)
{
	if (s->end == SERVER_OPEN)
		s->end = end;
	s->asked = SERVER_READ;
	s->written = s->out.len;
}

void server_eof(struct server_session *s)
{
	close_at_once(s, SERVER_GONE);
}

void server_timeout(struct server_session *s)
{
	if (has_output(s) || s->asked != SERVER_READ) {
		close_at_once(s, SERVER_IDLE);
		return;
	}
	server_reply(s, 421, "4.4.2", "Nothing has come for too long, closing the connection");
	s->end = SERVER_IDLE;
}

void server_end(struct server_session *s, const char *enhanced, const char *text)
{
	assert(s->asked == SERVER_READ);
	if (!s->greeted && !s->written) {
		strbuf_reset(&s->out);
		s->enhanced = true; /* nobody has said HELO, and who reads this wants to know */
	}
	server_reply(s, 421, enhanced, text);
}

void server_tls_started(struct server_session *s)
{
	assert(s->asked == SERVER_START_TLS);
	s->asked = SERVER_READ;
	s->tls_active = true;
	server_forget_client(s);
}

static void answer_mail(struct server_session *s, bool yes)
{
	s->in_mail = yes;
	if (!yes)
		server_forget_mail(s);
}

static void answer_rcpt(struct server_session *s, bool yes)
{
	if (yes)
		return;
	s->rcpt_refused = true;
	recipient_release(&s->mail.rcpts[--s->mail.n]);
}

static void answer_message(struct server_session *s)
{
	if (s->options.protocol == SERVER_LMTP && ++s->recipient < s->mail.n && s->end == SERVER_OPEN)
		s->asked = SERVER_MESSAGE;
	else
		server_forget_mail(s);
}

void server_answer(struct server_session *s, int code, const char *enhanced, const char *text)
{
	enum server_want asked = s->asked;
	bool yes = code >= 200 && code < 300;
	s->asked = SERVER_READ;
	strbuf_wipe(&s->response);
	if (asked == SERVER_BODY) {
		if (code == 421)
			server_reply(s, code, enhanced, text);
		server_refusal_set(&s->body.refusal, code, enhanced, text);
		server_body_taken(s);
		return;
	}
	if (asked == SERVER_SASL && !yes)
		server_error(s, code, enhanced, text);
	else
		server_reply(s, code, enhanced, text);
	if (asked == SERVER_MAIL)
		answer_mail(s, yes);
	else if (asked == SERVER_RCPT)
		answer_rcpt(s, yes);
	else if (asked == SERVER_MESSAGE)
		answer_message(s);
	else if (asked == SERVER_SASL)
		s->has_login = yes;
}

void server_accept(struct server_session *s)
{
	if (s->asked == SERVER_RCPT)
		server_answer(s, 250, "2.1.5", "Ok");
	else
		server_answer(s, 250, s->asked == SERVER_MAIL ? "2.1.0" : "2.0.0", "Ok");
}

void server_stored(struct server_session *s)
{
	assert(s->asked == SERVER_BODY);
	s->asked = SERVER_READ;
	server_body_taken(s);
}

void server_sasl_challenge(struct server_session *s, struct span challenge)
{
	assert(s->asked == SERVER_SASL);
	s->asked = SERVER_READ;
	s->phase = PHASE_SASL;
	strbuf_wipe(&s->response);
	if (s->options.trace)
		s->options.trace(s->options.trace_arg, false, SPAN_LIT("334 <hidden>"));
	strbuf_adds(&s->out, "334 ");
	base64_encode(&s->out, challenge);
	strbuf_adds(&s->out, "\r\n");
	s->wipe = true;
}

void server_sasl_done(struct server_session *s)
{
	server_answer(s, 235, "2.7.0", "Logged in");
}

/* ---- what is known of it ---- */

enum server_end server_ended(const struct server_session *s)
{
	return s->end;
}

const char *server_client_name(const struct server_session *s)
{
	return s->client_name;
}

bool server_tls_is_active(const struct server_session *s)
{
	return s->tls_active;
}

bool server_has_login(const struct server_session *s)
{
	return s->has_login;
}

bool server_in_transaction(const struct server_session *s)
{
	return s->in_mail;
}

uint64_t server_progress(const struct server_session *s)
{
	return s->progress;
}
