/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the greeting until the capabilities are known: greeting, EHLO, LHLO or HELO, STARTTLS. */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "smtp/client/session_private.h"
#include "smtp/command.h"

#include <assert.h>

static const struct state state_helo, state_starttls, state_tls;

static bool starttls_pending(const struct session *s)
{
	return s->options.tls == SESSION_TLS_STARTTLS && !s->tls_active;
}

/* The server does not offer what the account requires; stage is the command that cannot be sent. */
static struct position fail_lacking(struct session *s, const char *stage, const char *text, const char *hint)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_NOT_OFFERED, "%s", text);
	error_stage(&err, "%s", stage);
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
	if (reply_class(reply) == 2)
		return s->pipeconnect.unconfirmed ? POSITION_STAY : POSITION(state_ehlo);
	return session_fail_reply(s, STAGE_GREETING, reply);
}

const struct state state_greeting = {
	.name = "greeting",
	.activity = N_("waiting for the greeting"),
	.ends_in_command = true,
	.timeout = TIMEOUT_GREETING,
	.want = SESSION_WRITE,
	.on_reply = greeting_reply,
};

/* ---- EHLO, LHLO, HELO ---- */

bool states_connect_build_ehlo(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	return command_simple(out, s->options.protocol == PROTOCOL_LMTP ? "LHLO" : "EHLO", s->options.local_name, err);
}

struct position states_connect_capable(struct session *s)
{
	if (starttls_pending(s)) {
		s->phase = SESSION_PHASE_TLS;
		if (caps_has(&s->caps, CAP_STARTTLS))
			return POSITION(state_starttls);
		return fail_lacking(
			s, "STARTTLS",
			_("TLS is required, and the server does not offer STARTTLS; nothing was sent unencrypted"),
			_("If the server expects TLS without STARTTLS, set tls_starttls off and port 465. If it used "
			  "to offer STARTTLS, somebody may be tampering with the connection."));
	}
	if (s->options.auth && !s->auth.done && !s->tls_active && !caps_has(&s->caps, CAP_AUTH) &&
	    caps_has(&s->caps, CAP_STARTTLS))
		return fail_lacking(s, "AUTH",
				    _("the server offers STARTTLS, and no authentication before it, and TLS is off"),
				    _("Set tls on and tls_starttls on for this account."));
	if (s->options.auth && !s->auth.done)
		return states_auth_begin(s);
	s->phase = SESSION_PHASE_READY;
	return POSITION(state_ready);
}

void states_connect_learn(struct session *s, const struct reply *reply)
{
	caps_from_reply(&s->caps, reply);
	caps_ignore(&s->caps, s->options.ignore);
}

static bool helo_will_do(const struct reply *reply)
{
	return reply->code == 500 || reply->code == 501 || reply->code == 502 || reply->code == 504 ||
	       reply->code == 550;
}

static struct position ehlo_refused(struct session *s, const struct reply *reply)
{
	if (s->options.protocol == PROTOCOL_LMTP || !helo_will_do(reply))
		return session_fail_reply(s, STAGE_EHLO, reply);
	if (starttls_pending(s))
		return fail_lacking(
			s, "STARTTLS",
			_("TLS is required, and the server does not support EHLO; nothing was sent unencrypted"),
			_("If the server expects TLS without STARTTLS, set tls_starttls off and port 465."));
	if (s->options.auth)
		return fail_lacking(s, "AUTH", _("authentication is required, and the server does not support EHLO"),
				    _("Set auth off if this server needs no password."));
	return POSITION(state_helo);
}

static struct position ehlo_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	if (s->pipeconnect.unconfirmed)
		return states_pipeconnect_ehlo(s, reply);
	if (reply_class(reply) != 2)
		return ehlo_refused(s, reply);
	states_connect_learn(s, reply);
	s->greeted = !starttls_pending(s);
	return states_connect_capable(s);
}

static struct position ehlo_after(struct session *s, size_t arg)
{
	(void)arg;
	return s->pipeconnect.unconfirmed ? states_connect_capable(s) : POSITION_STAY;
}

const struct state state_ehlo = {
	.name = "EHLO",
	.activity = N_("asking the server for its capabilities"),
	.ends_in_command = true,
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.may_pipeconnect = true,
	.build = states_connect_build_ehlo,
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
	.activity = N_("greeting the server"),
	.ends_in_command = true,
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
		return POSITION(state_tls);
	return session_fail_reply(s, STAGE_STARTTLS, reply);
}

static const struct state state_starttls = {
	.name = "STARTTLS",
	.activity = N_("asking for TLS"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = starttls_build,
	.on_reply = starttls_reply,
};

static const struct state state_tls = {
	.name = "TLS",
	.activity = N_("starting TLS"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_START_TLS,
};

void session_tls_started(struct session *s)
{
	assert(s->next.state == &state_tls);
	/* RFC 3207 section 4.2: forget what was learned before TLS. */
	caps_release(&s->caps);
	s->tls_active = true;
	s->phase = SESSION_PHASE_EHLO;
	session_enter_state(s, POSITION(state_ehlo));
}
