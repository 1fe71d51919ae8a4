/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the greeting to READY: EHLO, STARTTLS, AUTH, and EHLO once more where it pays. */
#include "base/base64.h"
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "smtp/command.h"
#include "smtp/client/session_private.h"

#include <assert.h>

/* RFC 4954 section 4: an AUTH line with initial response stays a command line
 * of RFC 5321 section 4.5.3.1.4; a longer response waits for the 334. */
#define COMMAND_LINE_MAX 512

static const struct state state_helo, state_starttls, state_tls, state_auth, state_response, state_sasl,
	state_ehlo_again;

static bool starttls_pending(const struct session *s)
{
	return s->options.tls == SESSION_TLS_STARTTLS && !s->tls_active;
}

/* The server lacks what the account wants; stage is the command that cannot be given. */
static struct position fail_lacking(struct session *s, const char *stage, const char *text, const char *hint)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_NOT_OFFERED, "%s", text);
	error_stage(&err, "%s", stage);
	if (hint)
		error_hint(&err, "%s", hint);
	return session_fail(s, &err, true);
}

/* ---- greeting ---- */

static struct position greeting_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	free(s->greeting);
	struct span rest = strbuf_span(&reply->text), line = {NULL, 0};
	(void)span_split(&rest, '\n', &line);
	s->greeting = clean_text(line, 500);
	if (reply->code == 220)
		return s->early ? PLACE_STAY : PLACE(state_ehlo);
	return session_fail_reply(s, STAGE_GREETING, reply);
}

const struct state state_greeting = {
	.name = "greeting",
	.doing = N_("waiting for the greeting"),
	.timeout = TIMEOUT_GREETING,
	.want = SESSION_WRITE,
	.on_reply = greeting_reply,
};

/* ---- EHLO, LHLO, HELO ---- */

static bool ehlo_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	return command_simple(out, s->options.protocol == PROTOCOL_LMTP ? "LHLO" : "EHLO", s->options.local_name, err);
}

struct position states_connect_capable(struct session *s)
{
	if (starttls_pending(s)) {
		s->phase = SESSION_PHASE_TLS;
		if (caps_has(&s->caps, CAP_STARTTLS))
			return PLACE(state_starttls);
		return fail_lacking(
			s, "STARTTLS",
			_("TLS is wanted, and the server does not offer STARTTLS; nothing was sent in clear"),
			_("If the server speaks TLS from the first octet, set tls_starttls off and port 465. If it "
			  "used to offer STARTTLS, "
			  "somebody may be tampering with the connection."));
	}
	if (s->options.auth && !s->authenticated) {
		s->phase = SESSION_PHASE_AUTH;
		s->sasl_event = SASL_START;
		return PLACE(state_sasl);
	}
	s->phase = SESSION_PHASE_READY;
	return PLACE(state_ready);
}

static bool helo_will_do(const struct reply *reply)
{
	return reply->code == 500 || reply->code == 501 || reply->code == 502 || reply->code == 504 ||
	       reply->code == 550;
}

static struct position ehlo_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	if (s->early)
		return states_pipeconnect_ehlo(s, reply);
	if (reply_class(reply) == 2) {
		caps_from_reply(&s->caps, reply);
		s->greeted = true;
		return states_connect_capable(s);
	}
	if (s->options.protocol == PROTOCOL_LMTP || !helo_will_do(reply))
		return session_fail_reply(s, STAGE_EHLO, reply);
	if (starttls_pending(s))
		return fail_lacking(
			s, "STARTTLS", _("TLS is wanted, and the server does not know EHLO; nothing was sent in clear"),
			_("If the server speaks TLS from the first octet, set tls_starttls off and port 465."));
	if (s->options.auth)
		return fail_lacking(s, "AUTH", _("authentication is wanted, and the server does not know EHLO"),
				    _("Set auth off if this server needs no password."));
	return PLACE(state_helo);
}

static struct position ehlo_after(struct session *s, size_t arg)
{
	(void)arg;
	return s->early ? states_connect_capable(s) : PLACE_STAY;
}

const struct state state_ehlo = {
	.name = "EHLO",
	.doing = N_("asking the server what it can do"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.early = true,
	.build = ehlo_build,
	.after = ehlo_after,
	.on_reply = ehlo_reply,
};

static bool helo_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	return command_simple(out, "HELO", s->options.local_name, err);
}

static struct position helo_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	if (reply_class(reply) != 2)
		return session_fail_reply(s, STAGE_EHLO, reply);
	caps_release(&s->caps);
	s->greeted = true;
	return states_connect_capable(s);
}

static const struct state state_helo = {
	.name = "HELO",
	.doing = N_("greeting the server"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = helo_build,
	.on_reply = helo_reply,
};

/* ---- STARTTLS ---- */

static bool starttls_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	return command_simple(out, "STARTTLS", NULL, err);
}

static struct position starttls_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	if (reply_class(reply) == 2)
		return PLACE(state_tls);
	return session_fail_reply(s, STAGE_STARTTLS, reply);
}

static const struct state state_starttls = {
	.name = "STARTTLS",
	.doing = N_("asking for TLS"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = starttls_build,
	.on_reply = starttls_reply,
};

static const struct state state_tls = {
	.name = "TLS",
	.doing = N_("starting TLS"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_START_TLS,
};

void session_tls_started(struct session *s)
{
	assert(s->next.row == &state_tls);
	/* RFC 3207 section 4.2: forget what was learned before TLS. */
	caps_release(&s->caps);
	s->tls_active = true;
	s->phase = SESSION_PHASE_EHLO;
	s->next = PLACE(state_ehlo);
}

/* ---- AUTH ---- */

/* The caller is asked: which mechanism, what response, do you agree. */
static const struct state state_sasl = {
	.name = "AUTH",
	.doing = N_("authenticating"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_SASL,
};

static bool auth_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	size_t line = strlen("AUTH  ") + strlen(s->sasl_mech) + (s->sasl_out.len + 2) / 3 * 4 + 2;
	s->auth_early = s->early;
	bool fits = s->sasl_has_out && line <= COMMAND_LINE_MAX;
	struct span initial = fits ? strbuf_span(&s->sasl_out) : (struct span){NULL, 0};
	if (!command_auth(out, s->sasl_mech, initial, err))
		return false;
	if (fits) {
		strbuf_wipe(&s->sasl_out);
		s->sasl_has_out = false;
	}
	return true;
}

static bool response_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	(void)err;
	if (s->sasl_cancelled)
		strbuf_addch(out, '*');
	else
		base64_encode(out, strbuf_span(&s->sasl_out));
	strbuf_adds(out, "\r\n");
	strbuf_wipe(&s->sasl_out);
	s->sasl_has_out = false;
	return true;
}

static struct position cancel_malformed(struct session *s)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_PROTOCOL, _("the server sent a challenge that is not base64"));
	error_stage(&err, "AUTH %s", s->sasl_mech);
	error_move(&s->error, &err);
	s->sasl_cancelled = true;
	return PLACE(state_response);
}

static struct position on_challenge(struct session *s, const struct reply *reply)
{
	if (s->sasl_has_out) /* the initial response that was too long for the command line */
		return PLACE(state_response);
	strbuf_wipe(&s->sasl_challenge);
	if (!base64_decode(&s->sasl_challenge, span_trim(strbuf_span(&reply->text))))
		return cancel_malformed(s);
	s->sasl_event = SASL_CHALLENGE;
	return PLACE(state_sasl);
}

static struct position auth_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	if (s->sasl_cancelled) {
		struct error none = ERROR_INIT; /* s->error says why already */
		return session_fail(s, &none, true);
	}
	if (reply->code == 334)
		return on_challenge(s, reply);
	if (reply_class(reply) == 2) {
		s->sasl_event = SASL_SUCCESS;
		return PLACE(state_sasl);
	}
	/* What ends a server that will not be spoken to so early (Exim: 554); no verdict on user and password. */
	if (s->auth_early && (reply->code == 503 || reply->code == 554))
		return states_pipeconnect_stale(s, reply);
	if (reply_policy_try_next_mechanism(reply)) {
		reply_release(&s->sasl_refusal);
		s->sasl_refusal.code = reply->code;
		memcpy(s->sasl_refusal.enhanced, reply->enhanced, sizeof(reply->enhanced));
		s->sasl_refusal.lines = reply->lines;
		strbuf_add_span(&s->sasl_refusal.text, strbuf_span(&reply->text));
		s->sasl_refused = true;
		s->sasl_event = SASL_START;
		return PLACE(state_sasl);
	}
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_AUTH, reply, &err);
	error_stage(&err, "AUTH %s", s->sasl_mech);
	return session_fail(s, &err, true);
}

static const struct state state_auth = {
	.name = "AUTH",
	.doing = N_("authenticating"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.secret = true,
	.build = auth_build,
	.on_reply = auth_reply,
};

static const struct state state_response = {
	.name = "AUTH",
	.doing = N_("authenticating"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.secret = true,
	.build = response_build,
	.on_reply = auth_reply,
};

static void keep_response(struct session *s, struct span response)
{
	strbuf_wipe(&s->sasl_out);
	strbuf_add_span(&s->sasl_out, response);
	s->sasl_has_out = true;
}

void session_sasl_start(struct session *s, const char *mech, struct span initial)
{
	assert(s->next.row == &state_sasl && s->sasl_event == SASL_START);
	free(s->sasl_mech);
	s->sasl_mech = xstrdup(mech);
	s->sasl_refused = false;
	s->sasl_has_out = false;
	if (initial.ptr)
		keep_response(s, initial);
	s->next = PLACE(state_auth);
}

void session_sasl_respond(struct session *s, struct span response)
{
	assert(s->next.row == &state_sasl && s->sasl_event == SASL_CHALLENGE);
	strbuf_wipe(&s->sasl_challenge);
	keep_response(s, response);
	s->next = PLACE(state_response);
}

void session_sasl_cancel(struct session *s, struct error *err)
{
	assert(s->next.row == &state_sasl);
	if (s->sasl_mech)
		error_stage(err, "AUTH %s", s->sasl_mech);
	else
		error_stage(err, "AUTH");
	if (s->early) { /* asked again when the server has said what it offers */
		error_release(err);
		s->next = PLACE_STAY;
		return;
	}
	if (s->sasl_event != SASL_CHALLENGE) {
		s->next = session_fail(s, err, true);
		return;
	}
	error_move(&s->error, err);
	s->sasl_cancelled = true;
	s->next = PLACE(state_response);
}

void session_sasl_agree(struct session *s)
{
	assert(s->next.row == &state_sasl && s->sasl_event == SASL_SUCCESS);
	s->authenticated = true;
	s->phase = SESSION_PHASE_READY;
	/* Some servers show DSN and SMTPUTF8 only to those they know; worth a round
	 * trip only if this message has a use for what is missing. */
	s->next = s->options.needs & ~s->caps.bits ? PLACE(state_ehlo_again) : PLACE(state_ready);
}

/* ---- EHLO after AUTH ---- */

static struct position ehlo_again_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	/* A server that knows only one EHLO (503) keeps its first list. */
	if (reply_class(reply) == 2) {
		caps_copy(&s->first_caps, &s->caps);
		s->has_first_caps = true;
		caps_from_reply(&s->caps, reply);
		s->caps.bits |= CAP_AUTH; /* some leave it out now; that they know it they have shown */
	}
	return PLACE(state_ready);
}

static const struct state state_ehlo_again = {
	.name = "EHLO",
	.doing = N_("asking the server what it can do after authentication"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = ehlo_build,
	.on_reply = ehlo_again_reply,
};
