/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session that was open before this process used it, and NOOP to see whether it still is. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "smtp/client/session_private.h"
#include "smtp/command.h"

void states_check_go_on(struct session *s, const struct session_kept *kept)
{
	s->phase = SESSION_PHASE_READY;
	s->greeted = true;
	s->greeting = kept->greeting ? xstrdup(kept->greeting) : NULL;
	s->auth.done = kept->authenticated;
	s->transactions = kept->transactions;
	s->tls_active = s->options.tls != SESSION_TLS_NONE;
	caps_from_lines(&s->caps, kept->lines);
	s->caps.greeting_name = kept->greeting_name ? xstrdup(kept->greeting_name) : NULL;
	caps_ignore(&s->caps, s->options.ignore);
	session_enter_state(s, POSITION(state_ready));
}

static bool noop_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	return command_simple(out, "NOOP", NULL, err);
}

static struct position noop_reply(struct session *s, size_t arg, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	(void)arg;
	if (reply_class(reply) == 2)
		return POSITION(state_ready);
	(void)error_set(&err, ERROR_CONNECTION_LOST, "%s", _("the server does not go on with the session"));
	error_server(&err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	return session_fail(s, &err, true);
}

static const struct state state_noop = {
	.name = "NOOP",
	.activity = N_("asking whether the session is still open"),
	.ends_in_command = true,
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = noop_build,
	.on_reply = noop_reply,
};

struct position states_check_begin(struct session *s)
{
	(void)s;
	return POSITION(state_noop);
}
