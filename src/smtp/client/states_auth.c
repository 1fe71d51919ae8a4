/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AUTH (RFC 4954), and a second EHLO after it if that may list what the message needs. */
#include "base/base64.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "smtp/client/session_private.h"
#include "smtp/command.h"

#include <assert.h>

/* RFC 4954 section 4: an AUTH command with its initial response must fit into a command line of RFC 5321 section
 * 4.5.3.1.4.  A longer response waits for the 334. */
#define COMMAND_LINE_MAX 512

static const struct state state_auth, state_response, state_ehlo_again;

/* The caller is asked for a mechanism, a response, or whether the mechanism agrees with the server's success. */
static const struct state state_sasl = {
	.name = "AUTH",
	.activity = N_("authenticating"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_SASL,
};

static struct position ask(struct session *s, enum sasl_event event)
{
	s->auth.event = event;
	return POSITION(state_sasl);
}

struct position states_auth_begin(struct session *s)
{
	s->phase = SESSION_PHASE_AUTH;
	return ask(s, SASL_START);
}

/* ---- what is sent ---- */

static void response_sent(struct session_auth *a)
{
	strbuf_wipe(&a->response);
	a->has_response = false;
}

static bool auth_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	struct session_auth *a = &s->auth;
	(void)arg;
	s->pipeconnect.auth_sent = s->pipeconnect.unconfirmed;
	size_t line = strlen("AUTH  ") + strlen(a->mech) + (a->response.len + 2) / 3 * 4 + strlen("\r\n");
	bool fits = a->has_response && !a->apart && line <= COMMAND_LINE_MAX;
	struct span initial = fits ? strbuf_span(&a->response) : (struct span){NULL, 0};
	if (!command_auth(out, a->mech, initial, err))
		return false;
	if (fits)
		response_sent(a);
	return true;
}

static bool response_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	(void)err;
	if (s->auth.cancelled)
		strbuf_addch(out, '*');
	else
		base64_encode(out, strbuf_span(&s->auth.response));
	strbuf_adds(out, "\r\n");
	response_sent(&s->auth);
	return true;
}

/* ---- what the server replies ---- */

/* Sends "*"; the session fails once the server has replied to it. */
static struct position cancel(struct session *s, struct error *err)
{
	error_move(&s->error, err);
	s->auth.cancelled = true;
	return POSITION(state_response);
}

/* The challenges of these mechanisms are words for people: prompts, or the reason of a failure.  Some servers write
 * them without base64. */
static bool challenges_are_words(const char *mech)
{
	return strcmp(mech, "LOGIN") == 0 || strcmp(mech, "XOAUTH2") == 0 || strcmp(mech, "OAUTHBEARER") == 0;
}

/* False if the challenge is neither base64 nor words. */
static bool read_challenge(struct session_auth *a, struct span text)
{
	strbuf_wipe(&a->challenge);
	if (base64_decode(&a->challenge, text))
		return true;
	if (!challenges_are_words(a->mech))
		return false;
	strbuf_wipe(&a->challenge);
	strbuf_add_span(&a->challenge, text);
	return true;
}

static struct position challenge_reply(struct session *s, const struct reply *reply)
{
	if (s->auth.has_response) /* the initial response that was too long for the command line */
		return POSITION(state_response);
	if (read_challenge(&s->auth, span_trim(strbuf_span(&reply->text))))
		return ask(s, SASL_CHALLENGE);
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_PROTOCOL, _("the server sent a challenge that is not base64"));
	error_stage(&err, "AUTH %s", s->auth.mech);
	return cancel(s, &err);
}

static struct position try_next_mechanism(struct session *s, const struct reply *reply)
{
	s->auth.renewable = false;
	reply_copy(&s->auth.refusal, reply);
	s->auth.refused = true;
	return ask(s, SASL_START);
}

/* The reply to "*".  session.error says already why it was sent. */
static struct position cancelled_reply(struct session *s, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	if (!s->auth.gives_way || reply_class(reply) != 5)
		return session_fail(s, &err, true);
	error_release(&s->error);
	s->auth.cancelled = s->auth.gives_way = s->auth.refused = false;
	return ask(s, SASL_START);
}

static struct position auth_reply(struct session *s, size_t arg, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	(void)arg;
	if (s->auth.cancelled)
		return cancelled_reply(s, reply);
	if (reply->code == 334)
		return challenge_reply(s, reply);
	if (reply_class(reply) == 2)
		return ask(s, SASL_SUCCESS);
	/* A server that does not accept commands before its greeting replies like this (Exim: 554).  It does not mean
	 * that user or password are wrong. */
	if (s->pipeconnect.auth_sent && (reply->code == 503 || reply->code == 554))
		return states_pipeconnect_stale(s, reply);
	if (reply_policy_try_next_mechanism(reply) || (s->auth.renewable && reply_policy_try_renewed(reply)))
		return try_next_mechanism(s, reply);
	reply_policy_error(STAGE_AUTH, reply, &err);
	error_stage(&err, "AUTH %s", s->auth.mech);
	return session_fail(s, &err, true);
}

static const struct state state_auth = {
	.name = "AUTH",
	.activity = N_("authenticating"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.secret = true,
	.build = auth_build,
	.on_reply = auth_reply,
};

static const struct state state_response = {
	.name = "AUTH",
	.activity = N_("authenticating"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.secret = true,
	.build = response_build,
	.on_reply = auth_reply,
};

/* ---- what the caller answers ---- */

static void keep_response(struct session_auth *a, struct span response)
{
	strbuf_wipe(&a->response);
	strbuf_add_span(&a->response, response);
	a->has_response = true;
}

static void start(struct session *s, const char *mech, struct span initial, bool apart)
{
	struct session_auth *a = &s->auth;
	assert(s->next.state == &state_sasl && a->event == SASL_START);
	free(a->mech);
	a->mech = xstrdup(mech);
	a->refused = false;
	a->has_response = false;
	a->apart = apart;
	if (initial.ptr)
		keep_response(a, initial);
	session_enter_state(s, POSITION(state_auth));
}

void session_sasl_start(struct session *s, const char *mech, struct span initial)
{
	start(s, mech, initial, false);
}

void session_sasl_start_apart(struct session *s, const char *mech, struct span initial)
{
	start(s, mech, initial, true);
}

void session_sasl_renewable(struct session *s, bool renewable)
{
	s->auth.renewable = renewable;
}

void session_sasl_respond(struct session *s, struct span response)
{
	assert(s->next.state == &state_sasl && s->auth.event == SASL_CHALLENGE);
	strbuf_wipe(&s->auth.challenge);
	keep_response(&s->auth, response);
	session_enter_state(s, POSITION(state_response));
}

void session_sasl_cancel(struct session *s, struct error *err)
{
	assert(s->next.state == &state_sasl);
	if (s->auth.mech)
		error_stage(err, "AUTH %s", s->auth.mech);
	else
		error_stage(err, "AUTH");
	if (s->pipeconnect.unconfirmed) { /* asked again once the server has listed its mechanisms */
		error_release(err);
		session_await_reply(s);
	} else if (s->auth.event == SASL_CHALLENGE) {
		session_enter_state(s, cancel(s, err));
	} else {
		session_enter_state(s, session_fail(s, err, true));
	}
}

void session_sasl_give_way(struct session *s, struct error *err)
{
	assert(s->next.state == &state_sasl && s->auth.event == SASL_CHALLENGE);
	s->auth.gives_way = true;
	session_sasl_cancel(s, err);
}

void session_sasl_agree(struct session *s)
{
	assert(s->next.state == &state_sasl && s->auth.event == SASL_SUCCESS);
	s->auth.done = true;
	s->phase = SESSION_PHASE_READY;
	/* Some servers list DSN and SMTPUTF8 to authenticated clients only.  EHLO costs a round trip, so ask only if
	 * the message has a use for what is missing. */
	bool missing = s->options.needs & ~(s->caps.bits | s->options.ignore);
	session_enter_state(s, missing ? POSITION(state_ehlo_again) : POSITION(state_ready));
}

/* ---- EHLO after AUTH ---- */

static bool ehlo_again_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	s->ehlo_again = s->lost_login = true;
	return states_connect_build_ehlo(s, arg, out, err);
}

static struct position ehlo_again_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	s->lost_login = false;
	/* Where a second EHLO is refused (503) the first list stays valid. */
	if (reply_class(reply) == 2) {
		caps_copy(&s->first_caps, &s->caps);
		s->has_first_caps = true;
		states_connect_learn(s, reply);
		s->caps.bits |= CAP_AUTH; /* some servers omit it once the client is authenticated */
	}
	return POSITION(state_ready);
}

static const struct state state_ehlo_again = {
	.name = "EHLO",
	.activity = N_("asking the server for its capabilities after authentication"),
	.ends_in_command = true,
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = ehlo_again_build,
	.on_reply = ehlo_again_reply,
};
