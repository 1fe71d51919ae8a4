/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sending before the server has said anything (PIPECONNECT, draft-harris-early-pipe): EHLO and one command or
 * pipelined group are sent under the capabilities remembered from an earlier session.
 *
 * Nothing is concluded from them until the server has listed the same again.  A message that they do not allow waits
 * for the new list, and any failure makes the session stale: it is repeated without them.  The message itself waits as
 * well, whether it goes by BDAT or after 354.  So a session that fails before did not transfer it.
 */
#include "base/i18n.h"
#include "smtp/client/session_private.h"

static const struct state state_waiting;

void states_pipeconnect_begin(struct session *s)
{
	const struct session_options *o = &s->options;
	if (!o->remembered || !caps_has(o->remembered, CAP_PIPECONNECT) || (o->ignore & CAP_PIPECONNECT) ||
	    o->protocol != PROTOCOL_SMTP || o->tls == SESSION_TLS_STARTTLS)
		return;
	s->pipeconnect.unconfirmed = true;
	caps_copy(&s->caps, o->remembered);
	caps_ignore(&s->caps, o->ignore);
	session_enter_state(s, POSITION(state_ehlo));
}

struct position states_pipeconnect_stale(struct session *s, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_SERVER_TEMPORARY,
			_("the server's capabilities are not the ones of an earlier session"));
	if (reply)
		error_server(&err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	error_hint(&err, "%s", _("Try again; the remembered capabilities are forgotten."));
	error_stage(&err, "EHLO");
	s->pipeconnect.stale = true;
	return session_fail(s, &err, true);
}

struct position states_pipeconnect_ehlo(struct session *s, const struct reply *reply)
{
	if (reply_class(reply) != 2)
		return session_fail_reply(s, STAGE_EHLO, reply);
	states_connect_learn(s, reply);
	if (!caps_same(&s->caps, s->options.remembered))
		return states_pipeconnect_stale(s, NULL);
	s->pipeconnect.unconfirmed = false;
	s->greeted = true;
	/* The sending side is ahead already, unless there was nothing that could be sent early. */
	return session_pending(s) || s->next.state ? POSITION_STAY : states_connect_capable(s);
}

/* ---- a message ---- */

static bool allowed(const struct session *s)
{
	bool limits = s->caps.rcpt_max || s->caps.rcpt_domain_max;
	return !(limits && s->submitted->mail->partial == PARTIAL_ABORT) && states_mail_allowed(s);
}

static enum send_decision waiting_ready(struct session *s, size_t arg)
{
	(void)arg;
	return s->pipeconnect.unconfirmed ? SEND_WAIT : SEND_SKIP;
}

static struct position waiting_after(struct session *s, size_t arg)
{
	(void)arg;
	s->submitted->under_way = false;
	return states_mail_begin(s);
}

/* The remembered capabilities do not allow the message: wait for the server's list. */
static const struct state state_waiting = {
	.name = "EHLO",
	.activity = N_("asking the server for its capabilities"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.ready = waiting_ready,
	.after = waiting_after,
};

struct position states_pipeconnect_submit(struct session *s)
{
	if (allowed(s))
		return states_mail_begin(s);
	s->submitted->under_way = true; /* its outcomes are open */
	return POSITION(state_waiting);
}
