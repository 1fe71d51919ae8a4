/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/client/session.h"

#include "base/xalloc.h"
#include "smtp/client/session_private.h"

#include <assert.h>

/* Commands are appended to the output until it holds this much; so a server
 * that reads slowly delays us and does not make us use more memory. */
#define OUT_FULL (64u * 1024)

struct session *session_new(const struct session_options *options)
{
	struct session *s = xcalloc(1, sizeof(*s));
	s->options = *options;
	s->tls_active = options->tls == SESSION_TLS_ACTIVE;
	flight_init(&s->flight);
	reply_parser_init(&s->incoming.parser);
	strbuf_init(&s->auth.response);
	strbuf_init(&s->auth.challenge);
	strbuf_init(&s->auth.refusal.text);
	session_ahead_init(s);
	if (options->kept) {
		states_check_go_on(s, options->kept);
		return s;
	}
	session_expect(s, &state_greeting, 0); /* the server speaks first ... */
	states_pipeconnect_begin(s);	       /* ... or we do */
	return s;
}

static void release_auth(struct session_auth *a)
{
	strbuf_wipe(&a->response);
	free(a->mech);
	strbuf_wipe(&a->challenge);
	reply_release(&a->refusal);
}

void session_free(struct session *s)
{
	if (!s)
		return;
	caps_release(&s->caps);
	caps_release(&s->first_caps);
	flight_release(&s->flight);
	reply_parser_release(&s->incoming.parser);
	free(s->greeting);
	error_release(&s->error);
	release_auth(&s->auth);
	session_ahead_release(s);
	strvec_release(&s->domains);
	free(s);
}

/* ---- the two cursors ---- */

size_t session_pending(const struct session *s)
{
	return s->flight.n;
}

const struct state *session_pending_state(const struct session *s)
{
	const struct pending_reply *oldest = flight_oldest(&s->flight);
	return oldest ? oldest->state : NULL;
}

void session_enter_state(struct session *s, struct position position)
{
	if (position.state)
		s->next = position;
}

void session_await_reply(struct session *s)
{
	s->next = POSITION_STAY;
}

void session_expect(struct session *s, const struct state *state, size_t arg)
{
	flight_expect(&s->flight, (struct pending_reply){.state = state, .arg = arg, .of = s->submitted});
	s->submitted->pending++;
}

static bool may_send(const struct session *s)
{
	const struct state *last = s->flight.last;
	if (!session_pending(s))
		return true;
	if (s->pipeconnect.unconfirmed && (!last || last->may_pipeconnect))
		return true;
	return caps_has(&s->caps, CAP_PIPELINING) && last && last->may_pipeline;
}

static void send_command(struct session *s)
{
	const struct position at = s->next;
	struct error err = ERROR_INIT;
	struct strbuf *out = &s->flight.out;
	size_t before = out->len;
	if (!at.state->build(s, at.arg, out, &err)) {
		strbuf_setlen(out, before);
		session_enter_state(s, session_fail(s, &err, !session_pending(s)));
		return;
	}
	session_trace_command(s, at.state, span_sub(strbuf_span(out), before, out->len));
	flight_queued(&s->flight, at.state, before, at.state->secret);
	session_await_reply(s);
	if (at.state->on_reply)
		session_expect(s, at.state, at.arg);
	if (at.state->after)
		session_enter_state(s, at.state->after(s, at.arg));
}

/* Lets the sending side run as far as states, capabilities and space allow. */
static void send_commands(struct session *s)
{
	while (!s->closed && s->next.state && s->next.state->want == SESSION_WRITE && s->flight.out.len < OUT_FULL) {
		const struct position at = s->next;
		enum send_decision decision = at.state->ready ? at.state->ready(s, at.arg) : SEND_NOW;
		if (decision == SEND_SKIP) {
			session_enter_state(s, at.state->after(s, at.arg));
			continue;
		}
		if (decision == SEND_WAIT || !may_send(s))
			return;
		send_command(s);
	}
}

/* ---- what the caller is asked for ---- */

static struct session_step step_of(const struct state *state, enum session_want want)
{
	return (struct session_step){.want = want, .timeout = state->timeout, .activity = state->activity};
}

/* What may follow EHLO under remembered capabilities is asked for before EHLO is written, so that both leave in one
 * write. */
static bool asks_before_writing(const struct session *s)
{
	return s->pipeconnect.unconfirmed && s->next.state &&
	       (s->next.state->want == SESSION_SASL || s->next.state->want == SESSION_READY);
}

static struct session_step ask_caller(struct session *s)
{
	const struct state *state = s->next.state && !s->closed ? s->next.state : &state_close;
	struct session_step step = step_of(state, state->want);
	if (state->want == SESSION_SASL) {
		step.event = s->auth.event;
		step.challenge = strbuf_span(&s->auth.challenge);
		step.refusal = s->auth.refused ? &s->auth.refusal : NULL;
	}
	return step;
}

static struct session_step write_step(struct session *s)
{
	const struct state *pending = session_pending_state(s);
	struct session_step step = step_of(pending ? pending : s->flight.last, SESSION_WRITE);
	step.bytes = flight_unwritten(&s->flight);
	step.secret = s->flight.secret;
	step.body_follows = states_bdat_in_chunk(s);
	step.message = s->messages;
	step.room = s->submitted->bdat.chunk_left;
	return step;
}

static struct session_step body_step(struct session *s)
{
	struct session_step step = step_of(s->next.state, SESSION_BODY);
	step.message = s->messages;
	step.plain = states_bdat_in_chunk(s);
	step.room = step.plain ? s->submitted->bdat.chunk_left : UINT64_MAX;
	return step;
}

struct session_step session_step(struct session *s)
{
	send_commands(s);
	if (s->closed || asks_before_writing(s))
		return ask_caller(s);
	if (flight_unwritten(&s->flight).len)
		return write_step(s);
	if (s->next.state && s->next.state->want == SESSION_BODY)
		return body_step(s); /* the caller feeds us replies to earlier commands meanwhile */
	if (session_pending(s))
		return step_of(session_pending_state(s), SESSION_READ);
	return ask_caller(s);
}

/* ---- what the caller reports ---- */

void session_wrote(struct session *s, size_t n)
{
	flight_wrote(&s->flight, n);
	/* "BDAT 0 LAST" has no octets that follow it. */
	if (!flight_unwritten(&s->flight).len && states_bdat_in_chunk(s) && !s->submitted->bdat.chunk_left)
		session_enter_state(s, states_bdat_wrote(s, 0));
}

static void answered(struct session *s, const struct reply *reply)
{
	struct pending_reply asked = flight_take(&s->flight);
	struct submitted *sending = s->submitted;
	s->replies++;
	asked.of->pending--;
	s->submitted = asked.of;
	struct position next = asked.state->on_reply(s, asked.arg, reply);
	s->submitted = sending;
	session_enter_state(s, next);
}

static void on_reply(struct session *s, const struct reply *reply)
{
	session_trace_reply(s, session_pending_state(s), reply);
	if (reply->code == 421) { /* at any time: the server is shutting down (RFC 5321 section 3.8) */
		session_enter_state(s, session_fail_421(s, reply));
	} else if (s->incoming.in_body) {
		session_enter_state(s, states_data_interrupted(s, reply));
	} else if (!session_pending(s) || s->incoming.unasked) {
		session_enter_state(s, session_fail_unasked(s, reply));
	} else {
		answered(s, reply);
	}
}

/* Decided by the first octet of a reply, however the rest is cut: a reply that starts before a command is written
 * cannot be the reply to that command. */
static void reply_begins(struct session *s)
{
	const struct pending_reply *oldest = flight_oldest(&s->flight);
	s->incoming.unasked = !oldest || oldest->end > s->flight.written;
	s->incoming.in_body = s->submitted->transaction.body_running;
	s->incoming.in_chunk = session_pending(s) == 1 && states_bdat_in_chunk(s);
}

/* The caller's next octets belong to a reply.  CVE-2011-0411 and its like: plain text that follows the 220 to
 * STARTTLS, even part of a line, may be an attacker's. */
static bool takes_reply(struct session *s)
{
	if (s->closed || s->next.state == &state_close) /* a reply to QUIT is not waited for */
		return false;
	if (!s->next.state || s->next.state->want != SESSION_START_TLS)
		return true;
	session_enter_state(s, session_fail_injected(s));
	return false;
}

void session_feed(struct session *s, struct span octets)
{
	struct reply_parser *parser = &s->incoming.parser;
	while (octets.len && takes_reply(s)) {
		size_t used = 0;
		struct error err = ERROR_INIT;
		if (!reply_parser_midway(parser))
			reply_begins(s);
		int got = reply_parse(parser, octets, &used, &err);
		octets = span_sub(octets, used, octets.len);
		if (got < 0)
			session_enter_state(s, session_fail_malformed(s, &err));
		else if (got > 0)
			on_reply(s, &parser->reply);
	}
}

void session_body_wrote(struct session *s, size_t n)
{
	s->flight.body_written += n;
	if (!s->closed && states_bdat_in_chunk(s))
		session_enter_state(s, states_bdat_wrote(s, n));
}

/* ---- what the session is used for ---- */

static void forget_submitted(struct session *s)
{
	assert(s->next.state == &state_ready && (!session_pending(s) || s->pipeconnect.unconfirmed));
	session_ahead_begin(s);
}

static void take_mail(struct session *s, const struct mail_transaction *mail, bool verifying)
{
	s->submitted->mail = mail;
	s->submitted->verifying = verifying;
	s->submitted->n = mail->env->n;
	s->submitted->outcomes = xcalloc(mail->env->n, sizeof(*s->submitted->outcomes));
}

static void submit(struct session *s, const struct mail_transaction *mail, bool verifying)
{
	forget_submitted(s);
	take_mail(s, mail, verifying);
	session_enter_state(s, s->pipeconnect.unconfirmed ? states_pipeconnect_submit(s) : states_mail_begin(s));
}

void session_submit(struct session *s, const struct mail_transaction *mail)
{
	if (!session_has_room(s)) {
		submit(s, mail, false);
		return;
	}
	session_ahead_begin(s);
	take_mail(s, mail, false);
	session_enter_state(s, session_ahead_submit(s));
}

void session_verify(struct session *s, const struct mail_transaction *mail)
{
	submit(s, mail, true);
}

void session_etrn(struct session *s, const char *what)
{
	forget_submitted(s);
	s->submitted->etrn = what;
	session_enter_state(s, states_etrn_begin(s));
}

void session_check(struct session *s)
{
	forget_submitted(s);
	session_enter_state(s, states_check_begin(s));
}

void session_quit(struct session *s)
{
	if (!s->closed && s->next.state == &state_ready)
		session_enter_state(s, POSITION(state_quit));
	else
		s->closed = true;
}

/* ---- what is known of it ---- */

enum session_phase session_phase(const struct session *s)
{
	return s->phase;
}

bool session_is_ready(const struct session *s)
{
	return !s->closed && s->next.state == &state_ready && !session_pending(s);
}

bool session_can_be_kept(const struct session *s)
{
	const struct caps *caps = &s->caps;
	return session_is_ready(s) && !reply_parser_midway(&s->incoming.parser) && !s->needs_rset &&
	       !s->pipeconnect.unconfirmed && !(caps->mail_max && s->transactions >= caps->mail_max) &&
	       !caps->rcpt_domain_max;
}

uint64_t session_transactions(const struct session *s)
{
	return s->transactions;
}

uint64_t session_progress(const struct session *s)
{
	return s->replies + s->flight.written + s->flight.body_written;
}

const struct error *session_error(const struct session *s)
{
	return s->error.status.kind == ERROR_NONE ? NULL : &s->error;
}

static const struct submitted *shown(const struct session *s)
{
	return session_ahead_number(s, s->shown);
}

const struct error *session_submission_error(const struct session *s)
{
	return shown(s)->error.status.kind == ERROR_NONE ? NULL : &shown(s)->error;
}

const struct outcome *session_outcomes(const struct session *s)
{
	return shown(s)->outcomes;
}

const struct caps *session_caps(const struct session *s)
{
	return &s->caps;
}

const struct caps *session_first_caps(const struct session *s)
{
	return s->has_first_caps ? &s->first_caps : &s->caps;
}

bool session_stale(const struct session *s)
{
	return s->pipeconnect.stale;
}

/* False as well if it may be on its way to one. */
static bool nobody_has_it(const struct session *s)
{
	const struct submitted *m = shown(s);
	for (size_t i = 0; i < m->n; i++)
		if (m->outcomes[i].kind == OUTCOME_ACCEPTED || m->outcomes[i].kind == OUTCOME_UNKNOWN)
			return false;
	return true;
}

unsigned session_unkept(const struct session *s)
{
	return nobody_has_it(s) ? shown(s)->unkept : 0;
}

void session_ignore(struct session *s, unsigned caps)
{
	assert(session_is_ready(s));
	s->options.ignore |= caps;
	s->ignored_later |= caps;
	caps_ignore(&s->caps, caps);
}

bool session_lost_login(const struct session *s)
{
	return s->lost_login && nobody_has_it(s);
}

const struct negotiated *session_negotiated(const struct session *s)
{
	return &shown(s)->negotiated;
}

const struct reply *session_final_reply(const struct session *s)
{
	return shown(s)->has_final_reply ? &shown(s)->final_reply : NULL;
}

bool session_greeted(const struct session *s)
{
	return s->greeted;
}

const char *session_greeting(const struct session *s)
{
	return s->greeting;
}

long session_timeout_ms(enum timeout_class class_)
{
	/* RFC 5321 section 4.5.3.2: greeting 5, MAIL and RCPT 5, DATA 2, a block of data 3, end of data 10 minutes. */
	static const long minutes[] = {5, 5, 2, 3, 10};
	return minutes[class_] * 60 * 1000;
}
