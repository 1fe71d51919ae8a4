/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a session ends early: what is reported, and whether QUIT is still sent. */
#include "base/i18n.h"
#include "smtp/client/session_private.h"

static void give_up(struct session *s, struct error *err)
{
	if (s->error.status.kind == ERROR_NONE)
		error_move(&s->error, err);
	else
		error_release(err);
	session_ahead_abandon(s, &s->error);
	s->pipeconnect.stale |= s->pipeconnect.unconfirmed;
}

static struct position leave(struct session *s, bool politely)
{
	/* With replies pending there is no QUIT: they would be taken for replies of a transaction that is over. */
	if (politely && !session_pending(s))
		return POSITION(state_quit);
	s->closed = true;
	return POSITION(state_close);
}

struct position session_fail(struct session *s, struct error *err, bool politely)
{
	give_up(s, err);
	return leave(s, politely);
}

struct position session_fail_reply(struct session *s, enum reply_stage stage, const struct reply *reply)
{
	static const char *const names[] = {"greeting", "EHLO", "STARTTLS", "AUTH",
					    "MAIL",	"RCPT", "DATA",	    "end of data"};
	struct error err = ERROR_INIT;
	reply_policy_error(stage, reply, &err);
	error_stage(&err, "%s", names[stage]);
	return session_fail(s, &err, true);
}

struct position session_fail_unasked(struct session *s, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_PROTOCOL, _("the server sent a reply to a command that was not sent"));
	error_server(&err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	/* not where the server reads the message or waits for a response of AUTH */
	const struct state *next = s->next.state;
	bool between = next && (next == &state_ready || next->ends_in_command);
	return session_fail(s, &err, between && !states_bdat_in_chunk(s));
}

struct position session_fail_421(struct session *s, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_SERVER_TEMPORARY, _("the server closed the session"));
	error_server(&err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	const char *hint = reply_policy_hint(reply, NULL);
	if (hint)
		error_hint(&err, "%s", _(hint));
	else
		error_hint_again(&err);
	if (session_pending(s))
		error_stage(&err, "%s", session_pending_state(s)->name);
	return session_fail(s, &err, false);
}

struct position session_fail_injected(struct session *s)
{
	struct error err = ERROR_INIT;
	(void)error_set(
		&err, ERROR_PROTOCOL, "%s",
		_("unencrypted data followed the reply to STARTTLS; somebody may be tampering with the connection"));
	error_stage(&err, "STARTTLS");
	error_hint(&err, "%s",
		   _("Nothing was sent. If the server supports TLS without STARTTLS, use that: port 465 and "
		     "tls_starttls off."));
	return session_fail(s, &err, false);
}

/* The malformed reply is the only one that is waited for, and after it the server reads commands. */
static bool may_quit(const struct session *s, const struct state *state)
{
	return session_pending(s) == 1 && state->ends_in_command && !s->incoming.unasked && !s->incoming.in_body &&
	       !s->incoming.in_chunk;
}

/* Another kind of server in most cases, or one that starts with TLS. */
struct position session_fail_malformed(struct session *s, struct error *err)
{
	const struct state *state = session_pending_state(s);
	if (state)
		error_stage(err, "%s", state->name);
	if (state == &state_greeting)
		error_hint(err, "%s",
			   _("Check host and port: this does not seem to be a mail server, or it expects TLS without "
			     "STARTTLS (tls_starttls off)."));
	else
		error_hint(err, "%s",
			   _("Look at the dialogue with --debug; only the server's administrator can fix this."));
	give_up(s, err);
	bool politely = may_quit(s, state);
	if (politely)
		(void)flight_take(&s->flight);
	return leave(s, politely);
}

/* ---- what happens to the connection ---- */

static const struct state *current_state(const struct session *s)
{
	/* While the message is being sent, it is what we are doing, whatever replies are pending. */
	if (states_bdat_under_way(s))
		return &state_chunk;
	const struct state *pending = session_pending_state(s);
	return pending ? pending : s->next.state ? s->next.state : &state_close;
}

void session_broken(struct session *s, struct error *err)
{
	if (s->closed || s->next.state == &state_close) {
		s->closed = true;
		error_release(err);
		return;
	}
	error_stage(err, "%s", current_state(s)->name);
	/* Whether we see the end of the connection or a reset is chance, so the advice is the same. */
	if (!err->status.hint && (err->status.kind == ERROR_CONNECTION_LOST || err->status.kind == ERROR_TLS))
		error_hint(err, "%s", _("Try again later; if it happens again, look at the dialogue with --debug."));
	session_enter_state(s, session_fail(s, err, false));
}

void session_eof(struct session *s)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_CONNECTION_LOST, _("the server closed the connection while we were %s"),
			_(current_state(s)->activity));
	session_broken(s, &err);
}

void session_timeout(struct session *s)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_TIMEOUT, _("the server did not answer in time while we were %s"),
			_(current_state(s)->activity));
	/* If the server expects TLS from the first octet and we do not use it, each side waits for the other. */
	if (current_state(s) == &state_greeting && !s->tls_active)
		error_hint(
			&err, "%s",
			_("Check host and port: a server that expects TLS without STARTTLS (usually on port 465) needs "
			  "tls on and tls_starttls off. Otherwise try again later, or allow more time with timeout."));
	else
		error_hint(&err, "%s", _("Try again later, or allow more time with timeout."));
	session_broken(s, &err);
}
