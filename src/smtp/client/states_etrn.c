/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ETRN (RFC 1985): one command from READY to READY. */
#include "base/i18n.h"
#include "smtp/client/session_private.h"
#include "smtp/command.h"

static bool etrn_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	return command_simple(out, "ETRN", s->submitted->etrn, err);
}

/* RFC 1985 section 5.3: 250 to 253 all mean that the queue was started, or will be. */
static struct position etrn_reply(struct session *s, size_t arg, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	(void)arg;
	s->submitted->etrn = NULL;
	if (reply_class(reply) == 2) {
		states_mail_keep_final(s, reply);
		return POSITION(state_ready);
	}
	reply_policy_error(STAGE_ETRN, reply, &err);
	error_stage(&err, "ETRN");
	if (err.status.kind == ERROR_PROTOCOL)
		return session_fail(s, &err, reply->code != 354);
	states_mail_failed(s, &err);
	return POSITION(state_ready);
}

static const struct state state_etrn = {
	.name = "ETRN",
	.activity = N_("asking the server to start its queue"),
	.ends_in_command = true,
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = etrn_build,
	.on_reply = etrn_reply,
};

struct position states_etrn_begin(struct session *s)
{
	if (caps_has(&s->caps, CAP_ETRN))
		return POSITION(state_etrn);
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_NOT_OFFERED, _("the server does not offer to start its queue on request (ETRN)"));
	error_stage(&err, "ETRN");
	states_mail_failed(s, &err);
	return POSITION(state_ready);
}
