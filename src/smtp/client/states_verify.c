/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Verifying: MAIL and RCPT as for a message (states_mail.c), and RSET instead of DATA.
 * RSET may be pipelined with them; then all of it takes one round trip.
 */
#include "base/i18n.h"
#include "smtp/client/session_private.h"
#include "smtp/command.h"

static bool rset_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	return command_simple(out, "RSET", NULL, err);
}

/* A refusal is not reported: every recipient has its outcome. */
static struct position rset_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	s->needs_rset = reply_class(reply) != 2;
	return states_mail_finish(s);
}

const struct state state_take_back = {
	.name = "RSET",
	.activity = N_("undoing the transaction"),
	.ends_in_command = true,
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = rset_build,
	.on_reply = rset_reply,
};
