/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Verifying: MAIL and RCPT as for a message (states_mail.c), and RSET in the place of DATA.
 * RSET rides with them where it may, so all of it is one round trip with PIPELINING.
 */
#include "base/i18n.h"
#include "smtp/command.h"
#include "smtp/client/session_private.h"

static bool rset_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	return command_simple(out, "RSET", NULL, err);
}

/* Whatever it says: nothing hangs on it, and the session is about to end. */
static struct position rset_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	s->needs_rset = reply_class(reply) != 2;
	return states_mail_finish(s);
}

const struct state state_taken_back = {
	.name = "RSET",
	.doing = N_("taking the transaction back"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = rset_build,
	.on_reply = rset_reply,
};
