/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/serve_session.h"

#include "base/i18n.h"
#include "base/language.h"
#include "base/xalloc.h"
#include "serve/known_offers.h"
#include "serve/serve_message.h"
#include "submit/envelope_fill.h"
#include "submit/host_names.h"

#define ROOM (64u * 1024)
#define REFUSE_MS 5000L

struct serving {
	struct serve_request *req;
	struct stream **stream;
	struct server_session *session;
	struct outlets outlets;
	struct serve_message message;
	struct serve_verdict verdict;
	struct caps known; /* what the server was seen to offer */
	char *buf;
	uint64_t progress; /* of the session when the limit began */
	msec_t limit;
};

/* ---- the request ---- */

static char *find_host_name(void)
{
	AUTO(local_names) names = LOCAL_NAMES_INIT;
	host_names_find(&names, MAILNAME_FILE);
	return xstrdup(names.domains.n ? names.domains.v[0] : "localhost");
}

void serve_request_init(struct serve_request *req, const struct request *request, const struct runtime *runtime,
			struct settings *settings, struct serve_peer peer)
{
	language_speak_english(runtime);
	*req = (struct serve_request){
		.request = request,
		.runtime = runtime,
		.settings = settings,
		.peer = peer,
		.host_name = find_host_name(),
		.offers.bits = CAP_PIPELINING | CAP_8BITMIME | CAP_BINARYMIME | CAP_CHUNKING | CAP_SIZE | CAP_DSN |
			       CAP_SMTPUTF8 | CAP_ENHANCEDSTATUSCODES,
	};
	req->options = (struct server_options){
		.protocol = SERVER_SMTP,
		.lines = peer.network ? SERVER_LINES_CRLF : SERVER_LINES_LOCAL,
		.limits = SERVER_LIMITS_INIT,
		.host_name = req->host_name,
		.offers = &req->offers,
	};
}

void serve_request_release(struct serve_request *req)
{
	free(req->host_name);
	caps_release(&req->offers);
}

/* ---- what the engine asks for ---- */

static void answer(struct serving *v)
{
	server_answer(v->session, v->verdict.code, v->verdict.enhanced, v->verdict.text.buf);
}

/* An address that cannot be a sender or recipient anywhere. */
static bool refuse_address(struct serving *v, const char *text, const char *enhanced)
{
	AUTO(error) err = ERROR_INIT;
	struct mail_address address = {NULL, NULL};
	bool ok = envelope_make_address(text, true, &address, &err);
	mail_address_release(&address);
	if (!ok)
		server_answer(v->session, 553, enhanced, err.status.text);
	return !ok;
}

static void ask_mail(struct serving *v, const struct server_mail *mail)
{
	const struct serve_request *req = v->req;
	const char *sender = mail->options.sender.given;
	serve_message_begin(&v->message);
	v->message.sender = req->sender;
	if (!refuse_address(v, sender, "5.1.7") && (!req->may_send || req->may_send(req->arg, v->session, sender)))
		server_accept(v->session);
}

static void ask_rcpt(struct serving *v, const struct server_recipient *rcpt)
{
	if (!refuse_address(v, rcpt->address, "5.1.3"))
		server_accept(v->session);
}

static void ask_body(struct serving *v, struct span octets)
{
	if (serve_message_add(&v->message, octets, &v->verdict))
		server_stored(v->session);
	else
		answer(v);
}

/* What depends on the server of the account is offered when that has been seen to offer it. */
static void pass_on(struct serving *v)
{
	struct caps *offers = &v->req->offers;
	offers->bits = (offers->bits & ~PASSED_ON) | (v->known.bits & PASSED_ON);
	offers->by_minimum = v->known.by_minimum;
	offers->hold_seconds = v->known.hold_seconds;
	offers->hold_until = v->known.hold_until;
	xreplace(&offers->priorities, v->known.priorities);
}

/* In earlier sessions, by the account for those of whom nothing is known yet. */
static void recall_offers(struct serving *v)
{
	AUTO(error) err = ERROR_INIT;
	const struct serve_request *req = v->req;
	if (settings_choose_account(req->settings, req->request, req->runtime, NULL, NULL, &err))
		known_offers_find(req->settings->account, req->runtime, &v->known);
	settings_forget_account(req->settings);
	pass_on(v);
}

/* In LMTP the one verdict is given for each recipient. */
static void ask_message(struct serving *v, const struct server_step *step)
{
	if (!step->recipient)
		serve_message_end(&v->message, step->mail, &v->verdict);
	if (v->req->options.protocol == SERVER_SMTP || step->recipient + 1 == step->mail->n)
		serve_message_drop(&v->message);
	pass_on(v);
	answer(v);
}

static void start_tls(struct serving *v)
{
	AUTO(error) err = ERROR_INIT;
	if (v->req->start_tls && v->req->start_tls(v->req->arg, v->stream, &err)) {
		server_tls_started(v->session);
		return;
	}
	runtime_problem(v->req->runtime, &err);
	server_eof(v->session);
}

/* ---- the stream ---- */

/* The limit begins again only if something has been achieved. */
static void renew_limit(struct serving *v)
{
	uint64_t progress = server_progress(v->session);
	if (v->limit && progress == v->progress)
		return;
	v->progress = progress;
	v->limit = deadline_in(v->req->runtime->clock, SERVE_IDLE_MS);
}

static void wait_for(struct serving *v, unsigned interest)
{
	AUTO(error) err = ERROR_INIT;
	unsigned ready;
	renew_limit(v);
	if (stream_wait(*v->stream, interest, &ready, v->req->runtime->clock, v->limit, &err))
		return;
	if (err.status.kind == ERROR_TIMEOUT)
		server_timeout(v->session);
	else
		server_eof(v->session);
}

/* The service is to stop. */
static bool is_ending(const struct serving *v)
{
	const struct serve_request *req = v->req;
	return req->is_ending && req->is_ending(req->arg, server_in_transaction(v->session));
}

static void read_some(struct serving *v)
{
	size_t n = 0;
	if (is_ending(v)) {
		server_end(v->session, "4.3.2", _("the mail service is being stopped, try again later"));
		return;
	}
	switch (stream_read(*v->stream, v->buf, ROOM, &n, NULL)) {
	case STREAM_OK:
		server_feed(v->session, span_make(v->buf, n));
		if (v->req->sasl && !server_has_login(v->session)) /* it may be a password */
			explicit_bzero(v->buf, n);
		break;
	case STREAM_AGAIN: wait_for(v, STREAM_READ); break;
	case STREAM_END:
	case STREAM_FAIL:
		if (!is_ending(v)) /* else the next call ends it: our side was closed to interrupt the wait */
			server_eof(v->session);
		break;
	}
}

static void write_some(struct serving *v, struct span octets)
{
	size_t n = 0;
	switch (stream_write(*v->stream, octets.ptr, octets.len, &n, NULL)) {
	case STREAM_OK: server_wrote(v->session, n); break;
	case STREAM_AGAIN: wait_for(v, STREAM_WRITE); break;
	case STREAM_END:
	case STREAM_FAIL: server_eof(v->session); break;
	}
}

/* False: the session has ended. */
static bool step(struct serving *v)
{
	struct server_step s = server_step(v->session);
	switch (s.want) {
	case SERVER_READ: read_some(v); break;
	case SERVER_WRITE: write_some(v, s.octets); break;
	case SERVER_START_TLS: start_tls(v); break;
	case SERVER_SASL: v->req->sasl(v->req->arg, v->session, &s); break;
	case SERVER_MAIL: ask_mail(v, s.mail); break;
	case SERVER_RCPT: ask_rcpt(v, &s.mail->rcpts[s.recipient]); break;
	case SERVER_BODY: ask_body(v, s.octets); break;
	case SERVER_MESSAGE: ask_message(v, &s); break;
	case SERVER_CLOSE: return false;
	}
	return true;
}

enum server_end serve_session(struct serve_request *req, struct stream **stream)
{
	struct serving v = {.req = req,
			    .stream = stream,
			    .session = server_new(&req->options),
			    .verdict = SERVE_VERDICT_INIT,
			    .known = CAPS_INIT,
			    .buf = xmalloc(ROOM)};
	outlets_init(&v.outlets, req->runtime, NULL, NULL);
	v.message = (struct serve_message){.request = req->request,
					   .runtime = req->runtime,
					   .settings = req->settings,
					   .outlets = &v.outlets,
					   .known = &v.known};
	recall_offers(&v);
	while (step(&v))
		;
	enum server_end end = server_ended(v.session);
	serve_message_drop(&v.message);
	outlets_release(&v.outlets);
	serve_verdict_release(&v.verdict);
	caps_release(&v.known);
	server_free(v.session);
	free(v.buf);
	return end;
}

void serve_refuse(struct serve_request *req, struct stream *stream, const char *enhanced, const char *text)
{
	struct server_session *s = server_new(&req->options);
	msec_t limit = deadline_in(req->runtime->clock, REFUSE_MS);
	server_end(s, enhanced ? enhanced : "4.3.5", text);
	struct server_step step = server_step(s);
	if (step.want == SERVER_WRITE)
		(void)!stream_write_all(stream, step.octets.ptr, step.octets.len, req->runtime->clock, limit, NULL);
	server_free(s);
}
