/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Verifying: MAIL and RCPT as for a message, and RSET in the place of DATA.
 * RSET rides with them where it may, so all of it is one round trip with PIPELINING.
 */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "smtp/command.h"
#include "smtp/session_private.h"

static const struct row row_mail, row_rcpt, row_rset;

static struct place next_recipient(const struct session *s, size_t i)
{
	while (i < s->outcomes_n && s->outcomes[i].kind != OUTCOME_OPEN)
		i++; /* settled before: cannot be named to this server */
	return i < s->outcomes_n ? PLACE_AT(row_rcpt, i) : PLACE(row_rset);
}

/* ---- MAIL ---- */

static bool mail_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	return command_mail(out, s->sub, &s->terms, err);
}

static struct place mail_after(struct session *s, size_t arg)
{
	(void)arg;
	return next_recipient(s, 0);
}

static struct place mail_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	if (reply_class(reply) == 2) {
		states_mail_keep_final(s, reply);
		return PLACE_STAY;
	}
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_MAIL, reply, &err);
	error_stage(&err, "MAIL FROM:<%s>", s->sub->env->sender.given);
	if (err.kind == ERROR_PROTOCOL)
		return session_fail(s, &err, false);
	s->mail_refused = true;
	states_mail_failed(s, &err);
	return PLACE_STAY; /* what was sent behind it is still answered; RSET is next or among it */
}

static const struct row row_mail = {
	.name = "MAIL",
	.doing = N_("naming the sender"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.may_pipeline = true,
	.build = mail_build,
	.after = mail_after,
	.on_reply = mail_reply,
};

/* ---- RCPT ---- */

static enum row_ready rcpt_ready(struct session *s, size_t i)
{
	(void)i;
	return s->mail_refused ? ROW_SKIP : ROW_SEND;
}

static bool rcpt_build(struct session *s, size_t i, struct strbuf *out, struct error *err)
{
	return command_rcpt(out, s->sub, &s->terms, i, err);
}

static struct place rcpt_after(struct session *s, size_t i)
{
	return s->mail_refused ? PLACE(row_rset) : next_recipient(s, i + 1);
}

static void accept(struct outcome *o, const struct reply *reply)
{
	outcome_release(o);
	o->kind = OUTCOME_ACCEPTED;
	o->code = reply->code;
	memcpy(o->enhanced, reply->enhanced, sizeof(o->enhanced));
	o->server = error_clean_text(strbuf_span(&reply->text), 1000);
	o->of_recipient = true;
}

static struct place rcpt_reply(struct session *s, size_t i, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	if (s->mail_refused)
		return PLACE_STAY; /* the answer to a command sent ahead */
	if (reply_class(reply) == 2) {
		accept(&s->outcomes[i], reply);
		return PLACE_STAY;
	}
	reply_policy_error(STAGE_RCPT, reply, &err);
	if (err.kind == ERROR_PROTOCOL) {
		error_stage(&err, "RCPT TO:<%s>", s->sub->env->rcpts[i].address.given);
		return session_fail(s, &err, false);
	}
	outcome_from_error(&s->outcomes[i], &err);
	s->outcomes[i].of_recipient = true;
	error_release(&err);
	return PLACE_STAY;
}

static const struct row row_rcpt = {
	.name = "RCPT",
	.doing = N_("naming the recipients"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.may_pipeline = true,
	.ready = rcpt_ready,
	.build = rcpt_build,
	.after = rcpt_after,
	.on_reply = rcpt_reply,
};

/* ---- RSET ---- */

static bool rset_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	return command_simple(out, "RSET", NULL, err);
}

/* Whatever it says: nothing hangs on it, and the session is about to end. */
static struct place rset_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	s->needs_rset = reply_class(reply) != 2;
	return states_mail_finish(s);
}

static const struct row row_rset = {
	.name = "RSET",
	.doing = N_("taking the transaction back"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = rset_build,
	.on_reply = rset_reply,
};

/* ---- the beginning ---- */

struct place states_verify_begin(struct session *s)
{
	struct error err = ERROR_INIT;
	s->accepted = s->refused = 0;
	s->mail_refused = s->body_running = s->body_finished = false;
	if (!negotiate(s->sub, &s->caps, &s->terms, &err)) {
		error_stage(&err, "%s", row_mail.name);
		states_mail_failed(s, &err);
		return PLACE(row_ready);
	}
	/* there is no message whose size or kind could be told, and none to report on */
	s->terms.size = s->terms.dsn = false;
	s->terms.body = NULL;
	for (size_t i = 0; i < s->outcomes_n; i++) {
		if (negotiate_recipient(s->sub, &s->terms, i, &err))
			continue;
		outcome_from_error(&s->outcomes[i], &err);
		s->outcomes[i].of_recipient = true;
		error_release(&err);
	}
	s->in_transaction = true;
	return PLACE(row_mail);
}
