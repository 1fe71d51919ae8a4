/* SPDX-License-Identifier: GPL-3.0-or-later */
/* READY between the transactions, and the end: QUIT, closed. */
#include "base/i18n.h"
#include "smtp/command.h"
#include "smtp/client/session_private.h"

const struct state state_ready = {
	.name = "ready",
	.activity = N_("waiting for the next message"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_READY,
};

static bool quit_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	return command_simple(out, "QUIT", NULL, err);
}

static struct position quit_after(struct session *s, size_t arg)
{
	(void)s;
	(void)arg;
	return POSITION(state_close);
}

/* No on_reply: its reply is not waited for. */
const struct state state_quit = {
	.name = "QUIT",
	.activity = N_("ending the session"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = quit_build,
	.after = quit_after,
};

const struct state state_close = {
	.name = "close",
	.activity = N_("closing the connection"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_CLOSE,
};
