/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Speaking before the server did (PIPECONNECT, draft-harris-early-pipe): EHLO and one command or pipelined group go
 * out under the capabilities remembered from an earlier session.
 *
 * Until the server has shown the same list again nothing is trusted: not what does not fit the remembered terms (it
 * waits), not a failure of any kind (the session is stale, and is done again without).  The message itself waits as
 * well, be it BDAT or what follows 354: so whatever happens before, it was not taken.
 */
#include "base/i18n.h"
#include "smtp/client/session_private.h"

static const struct state state_waiting;

void states_pipeconnect_begin(struct session *s)
{
	const struct session_options *o = &s->options;
	if (!o->remembered || !caps_has(o->remembered, CAP_PIPECONNECT) || o->protocol != PROTOCOL_SMTP ||
	    o->tls == SESSION_TLS_STARTTLS)
		return;
	s->early = true;
	caps_copy(&s->caps, o->remembered);
	s->next = PLACE(state_ehlo);
}

struct position states_pipeconnect_stale(struct session *s, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_SERVER_TEMPORARY, _("the server is not as it was in an earlier session"));
	if (reply)
		error_server(&err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	error_hint(&err, "%s", _("Try again; what was remembered of it is forgotten."));
	error_stage(&err, "EHLO");
	s->stale = true;
	return session_fail(s, &err, true);
}

struct position states_pipeconnect_ehlo(struct session *s, const struct reply *reply)
{
	if (reply_class(reply) != 2)
		return session_fail_reply(s, STAGE_EHLO, reply);
	caps_from_reply(&s->caps, reply);
	if (!caps_same(&s->caps, s->options.remembered))
		return states_pipeconnect_stale(s, NULL);
	s->early = false;
	s->greeted = true;
	/* The sending side is ahead already, unless there was nothing that could ride. */
	return session_due(s) || s->next.row ? PLACE_STAY : states_connect_capable(s);
}

/* ---- a submission ---- */

static bool fits(const struct session *s)
{
	AUTO(error) err = ERROR_INIT;
	struct negotiated terms;
	bool limits = s->caps.rcpt_max || s->caps.rcpt_domain_max;
	if ((limits && s->sub->partial == PARTIAL_ABORT) || !negotiate(s->sub, &s->caps, &terms, &err))
		return false;
	for (size_t i = 0; i < s->sub->env->n; i++)
		if (!negotiate_recipient(s->sub, &terms, i, &err))
			return false;
	return true;
}

static enum state_ready waiting_ready(struct session *s, size_t arg)
{
	(void)arg;
	return s->early ? ROW_WAIT : ROW_SKIP;
}

static struct position waiting_after(struct session *s, size_t arg)
{
	(void)arg;
	s->in_transaction = false;
	return states_mail_begin(s);
}

/* Whether it can go is for the server to say, not for memory. */
static const struct state state_waiting = {
	.name = "EHLO",
	.doing = N_("asking the server what it can do"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.ready = waiting_ready,
	.after = waiting_after,
};

struct position states_pipeconnect_submit(struct session *s)
{
	if (fits(s))
		return states_mail_begin(s);
	s->in_transaction = true; /* its outcomes are open */
	return PLACE(state_waiting);
}
