/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transactions: who sends and who receives, and RSET.  The message itself
 * goes by states_data.c or states_bdat.c. */
#include "base/i18n.h"
#include "smtp/command.h"
#include "smtp/client/session_private.h"

#include <assert.h>
#include <inttypes.h>

static const struct state state_rset, state_mail, state_rcpt;

/* ---- beginning and end of a transaction ---- */

static struct position next_transaction(struct session *s);

struct position states_mail_finish(struct session *s)
{
	s->body_running = false;
	s->chunk_left = 0;
	if (rcpt_batch_waiting(&s->split))
		return next_transaction(s);
	for (size_t i = 0; i < s->outcomes_n; i++)
		assert(s->outcomes[i].kind != OUTCOME_OPEN);
	s->in_transaction = false;
	return PLACE(state_ready);
}

void states_mail_settle(struct session *s, const struct error *err)
{
	for (size_t i = 0; i < s->outcomes_n; i++)
		if (s->outcomes[i].kind == OUTCOME_OPEN)
			outcome_from_error(&s->outcomes[i], err);
	s->split.next = s->split.n; /* nobody waits any more */
}

size_t states_mail_next_open(const struct session *s, size_t position)
{
	for (; position < s->split.next; position++) {
		size_t i = rcpt_batch_recipient(&s->split, position);
		if (i != RCPT_BATCH_MOVED && s->outcomes[i].kind == OUTCOME_OPEN)
			break;
	}
	return position;
}

void states_mail_failed(struct session *s, struct error *err)
{
	states_mail_settle(s, err);
	if (s->sub_error.status.kind == ERROR_NONE)
		error_move(&s->sub_error, err);
	else
		error_release(err);
}

/* The server takes no further transaction in this session (RFC 9422 section 4.1). */
static bool session_used_up(const struct session *s)
{
	return s->caps.mail_max && s->transactions >= s->caps.mail_max;
}

static struct position leave_rest_over(struct session *s)
{
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_SERVER_TEMPORARY,
			_("the server takes no more than %" PRIu64 " messages in one session"), s->caps.mail_max);
	error_hint(&err, "%s", _("Try again: a new session takes the rest."));
	error_stage(&err, "%s", state_mail.name);
	for (size_t i = 0; i < s->outcomes_n; i++) {
		if (s->outcomes[i].kind != OUTCOME_OPEN)
			continue;
		outcome_from_error(&s->outcomes[i], &err);
		s->outcomes[i].remaining = true;
	}
	states_mail_failed(s, &err);
	return states_mail_finish(s);
}

static struct position next_transaction(struct session *s)
{
	if (session_used_up(s))
		return leave_rest_over(s);
	rcpt_batch_turn(&s->split);
	s->messages++;
	s->accepted = s->refused = s->chunks_begun = s->chunks_out = 0;
	s->mail_refused = s->body_finished = false;
	s->chunk_refused = s->chunk_last = s->chunk_answered = false;
	s->bdat_left = s->sub->size;
	return s->needs_rset ? PLACE(state_rset) : PLACE(state_mail);
}

void states_mail_name_recipient(const struct session *s, size_t recipient, struct error *err)
{
	error_stage(err, "RCPT TO:<%s>", s->sub->env->rcpts[recipient].address.given);
}

/* Recipients that cannot be named to this server have their outcome now. */
static void judge_recipients(struct session *s)
{
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < s->outcomes_n; i++) {
		if (negotiate_recipient(s->sub, &s->terms, i, &err))
			continue;
		states_mail_name_recipient(s, i, &err);
		outcome_from_error(&s->outcomes[i], &err);
		s->outcomes[i].of_recipient = true;
		error_release(&err);
	}
}

static bool is_open(void *arg, size_t i)
{
	const struct session *s = arg;
	return s->outcomes[i].kind == OUTCOME_OPEN;
}

/* All or none cannot be kept where it is clear that not all can be named, or not in one transaction. */
static bool abort_beforehand(struct session *s)
{
	struct error err = ERROR_INIT;
	if (s->sub->partial != PARTIAL_ABORT || s->verifying)
		return false;
	if (s->split.n < s->outcomes_n)
		(void)error_set(&err, ERROR_ADDRESS,
				_("not all recipients can be reached, and partial abort is set; nothing was sent"));
	else if (!rcpt_batch_fits(&s->split))
		(void)error_set(&err, ERROR_NOT_OFFERED,
				_("the server does not take all recipients in one transaction, and partial abort is "
				  "set; nothing was sent"));
	else
		return false;
	error_hint(&err, "%s", _("Leave out the recipients named, send to fewer at a time, or set partial deliver."));
	states_mail_failed(s, &err);
	return true;
}

struct position states_mail_begin(struct session *s)
{
	struct error err = ERROR_INIT;
	rcpt_batch_release(&s->split);
	if (!negotiate(s->sub, &s->caps, &s->terms, &err)) {
		error_stage(&err, "%s", state_mail.name);
		states_mail_failed(s, &err);
		return PLACE(state_ready);
	}
	if (s->verifying) { /* there is no message whose size or kind could be told, and none to report on */
		s->terms.size = s->terms.dsn = false;
		s->terms.body = NULL;
	}
	judge_recipients(s);
	rcpt_batch_begin(&s->split, s->sub->env, s->caps.rcpt_max, s->caps.rcpt_domain_max, is_open, s);
	if (abort_beforehand(s) || (!rcpt_batch_waiting(&s->split) && !s->verifying))
		return PLACE(state_ready);
	s->in_transaction = true;
	return next_transaction(s);
}

/* The message is out in full and the verdict is not in: nobody knows.  Those who were to be named later are not meant.
 */
static void settle_uncertain(struct session *s, const struct error *err)
{
	struct error unsure = ERROR_INIT;
	(void)error_set(&unsure, ERROR_UNCERTAIN, "%s; %s", err->status.text ? err->status.text : "",
			_("the message had been sent in full, so it may or may not have been delivered"));
	error_stage(&unsure, "%s", state_verdict.name);
	error_hint(&unsure, "%s", _("Ask a recipient, or look into the server's log, before you send it again."));
	for (size_t p = states_mail_next_open(s, s->split.first); p < s->split.next;
	     p = states_mail_next_open(s, p + 1))
		outcome_from_error(&s->outcomes[rcpt_batch_recipient(&s->split, p)], &unsure);
	error_move(&s->sub_error, &unsure);
}

void states_mail_abandon(struct session *s, const struct error *err)
{
	/* 4xx and 5xx are verdicts */
	if (s->body_finished && err->status.code < 400)
		settle_uncertain(s, err);
	states_mail_settle(s, err);
	s->in_transaction = false;
	s->body_running = false;
}

/* ---- RSET ---- */

static bool rset_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	s->needs_rset = false;
	s->rset_due = true;
	return command_simple(out, "RSET", NULL, err);
}

static struct position rset_after(struct session *s, size_t arg)
{
	(void)s;
	(void)arg;
	return PLACE(state_mail);
}

static struct position rset_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	s->rset_due = false;
	if (reply_class(reply) == 2)
		return PLACE_STAY;
	/* Says nothing about the message that waits: a fresh session will take it. */
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_SERVER_TEMPORARY, _("the server cannot take a further message in this session"));
	error_server(&err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	error_hint(&err, "%s", _("Try again later."));
	error_stage(&err, "RSET");
	return session_fail(s, &err, true);
}

static const struct state state_rset = {
	.name = "RSET",
	.doing = N_("clearing the last transaction"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.may_pipeline = true,
	.build = rset_build,
	.after = rset_after,
	.on_reply = rset_reply,
};

/* ---- MAIL ---- */

static bool mail_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	s->transactions++;
	return command_mail(out, s->sub->env, s->sub->size, &s->terms, err);
}

/* BDAT saves the wait for 354 (RFC 3030).  LMTP's one verdict per recipient is
 * defined for DATA. */
static struct position transfer(const struct session *s)
{
	if (s->verifying)
		return PLACE(state_taken_back);
	return s->terms.chunking && s->options.protocol == PROTOCOL_SMTP ? PLACE(state_bdat) : PLACE(state_data);
}

static struct position next_recipient(struct session *s)
{
	size_t position;
	return rcpt_batch_take(&s->split, &position) ? PLACE_AT(state_rcpt, position) : transfer(s);
}

static struct position mail_after(struct session *s, size_t arg)
{
	(void)arg;
	return next_recipient(s);
}

static struct position mail_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	if (reply_class(reply) == 2) {
		s->needs_rset = true;
		if (s->verifying)
			states_mail_keep_final(s, reply);
		return PLACE_STAY;
	}
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_MAIL, reply, &err);
	error_stage(&err, "MAIL FROM:<%s>", s->sub->env->sender.given);
	if (err.status.kind == ERROR_PROTOCOL)
		return session_fail(s, &err, false);
	s->mail_refused = true;
	states_mail_failed(s, &err);
	/* What was sent behind it is still answered; the recipients' row skips what was not. */
	return PLACE_STAY;
}

static const struct state state_mail = {
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

/* Left out when the sender was refused, or the server has said that it has enough. */
static enum state_ready rcpt_ready(struct session *s, size_t position)
{
	(void)position;
	return s->mail_refused || s->split.full ? ROW_SKIP : ROW_SEND;
}

static bool rcpt_build(struct session *s, size_t position, struct strbuf *out, struct error *err)
{
	return command_rcpt(out, s->sub->env, &s->terms, rcpt_batch_recipient(&s->split, position), err);
}

static struct position rcpt_after(struct session *s, size_t position)
{
	if (s->mail_refused)
		return transfer(s);
	if (!s->split.full)
		return next_recipient(s);
	rcpt_batch_untake(&s->split, position); /* left out: a later transaction has it */
	return transfer(s);
}

static bool all_or_none(const struct session *s)
{
	return s->sub->partial == PARTIAL_ABORT && !s->verifying;
}

static void rcpt_refused(struct session *s, size_t position, struct error *err, const struct reply *reply)
{
	bool too_many = reply_policy_too_many_recipients(reply, s->accepted);
	if (too_many && s->accepted && !all_or_none(s)) {
		rcpt_batch_put_back(&s->split, position, s->accepted);
		return;
	}
	if (too_many && err->status.kind == ERROR_RECIPIENT_REFUSED)
		err->status.kind = ERROR_SERVER_TEMPORARY;
	struct outcome *o = &s->outcomes[rcpt_batch_recipient(&s->split, position)];
	outcome_from_error(o, err);
	o->of_recipient = true;
	s->refused++;
}

static struct position rcpt_reply(struct session *s, size_t position, const struct reply *reply)
{
	size_t i = rcpt_batch_recipient(&s->split, position);
	if (s->mail_refused)
		return PLACE_STAY; /* the answer to a command sent ahead */
	if (reply_class(reply) == 2) {
		s->accepted++;
		if (s->verifying) { /* there is no message for which a later reply could decide */
			outcome_accept(&s->outcomes[i], reply);
			s->outcomes[i].of_recipient = true;
		}
		return PLACE_STAY;
	}
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_RCPT, reply, &err);
	states_mail_name_recipient(s, i, &err);
	if (err.status.kind == ERROR_PROTOCOL)
		return session_fail(s, &err, false);
	rcpt_refused(s, position, &err, reply);
	error_release(&err);
	return PLACE_STAY;
}

static const struct state state_rcpt = {
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

/* ---- before the message ---- */

/* Rides with the recipients where it may; where their verdict is needed
 * first, or nobody was accepted, it waits or is left out. */
enum state_ready states_mail_transfer_ready(struct session *s, size_t arg)
{
	(void)arg;
	if (session_due(s))
		return s->mail_refused || all_or_none(s) ? ROW_WAIT : ROW_SEND;
	return s->mail_refused || !s->accepted || (all_or_none(s) && s->refused) ? ROW_SKIP : ROW_SEND;
}

static struct position give_up_for_all(struct session *s)
{
	struct error err = ERROR_INIT;
	bool for_good = false;
	for (size_t i = 0; i < s->outcomes_n; i++)
		for_good |= s->outcomes[i].kind == OUTCOME_REFUSED;
	if (for_good)
		(void)error_set(&err, ERROR_MESSAGE_REFUSED,
				_("another recipient was refused, and partial abort is set; nothing was sent"));
	else
		(void)error_set(&err, ERROR_SERVER_TEMPORARY,
				_("another recipient was put off, and partial abort is set; nothing was sent"));
	states_mail_failed(s, &err);
	return states_mail_finish(s);
}

/* Reached by SKIP (nothing to send for), or as "wait for the verdict" behind a sent DATA. */
struct position states_mail_transfer_skipped(struct session *s, size_t arg)
{
	(void)arg;
	if (session_due(s))
		return PLACE_STAY;
	return all_or_none(s) && s->refused && !s->mail_refused ? give_up_for_all(s) : states_mail_finish(s);
}
