/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transactions: who sends and who receives; RSET and QUIT.  The message itself
 * goes by states_data.c or states_bdat.c. */
#include "base/i18n.h"
#include "smtp/command.h"
#include "smtp/session_private.h"

#include <assert.h>

static const struct row row_rset, row_mail, row_rcpt;

/* ---- beginning and end of a transaction ---- */

struct place states_mail_finish(struct session *s)
{
	for (size_t i = 0; i < s->outcomes_n; i++)
		assert(s->outcomes[i].kind != OUTCOME_OPEN);
	s->in_transaction = false;
	s->body_running = false;
	s->chunk_left = 0;
	return PLACE(row_ready);
}

void states_mail_settle(struct session *s, const struct error *err)
{
	for (size_t i = 0; i < s->outcomes_n; i++)
		if (s->outcomes[i].kind == OUTCOME_OPEN)
			outcome_from_error(&s->outcomes[i], err);
}

void states_mail_failed(struct session *s, struct error *err)
{
	states_mail_settle(s, err);
	if (s->sub_error.kind == ERROR_NONE)
		error_move(&s->sub_error, err);
	else
		error_release(err);
}

static struct place first_command(const struct session *s)
{
	return s->needs_rset ? PLACE(row_rset) : PLACE(row_mail);
}

struct place states_mail_begin(struct session *s)
{
	struct error err = ERROR_INIT;
	s->accepted = s->refused = s->chunks_begun = s->chunks_out = 0;
	s->mail_refused = s->body_running = s->body_finished = false;
	s->chunk_refused = s->chunk_last = s->chunk_answered = false;
	s->bdat_left = s->sub->size;
	s->chunk_left = 0;
	if (!negotiate(s->sub, &s->caps, &s->terms, &err)) {
		error_stage(&err, "%s", row_mail.name);
		states_mail_failed(s, &err);
		return PLACE(row_ready);
	}
	size_t possible = 0;
	for (size_t i = 0; i < s->sub->env->n; i++) {
		if (negotiate_recipient(s->sub, &s->terms, i, &err)) {
			possible++;
			continue;
		}
		outcome_from_error(&s->outcomes[i], &err);
		s->outcomes[i].of_recipient = true;
		error_release(&err);
	}
	bool abort = s->sub->partial == PARTIAL_ABORT && possible < s->sub->env->n;
	if (!possible || abort) {
		if (abort) {
			(void)error_set(&err, ERROR_ADDRESS, _("not all recipients can be reached, and partial abort is set; nothing was sent"));
			states_mail_failed(s, &err);
		}
		return PLACE(row_ready);
	}
	s->in_transaction = true;
	return first_command(s);
}

void states_mail_abandon(struct session *s, const struct error *err)
{
	/* After the final dot and before the verdict nobody knows; 4xx and 5xx are verdicts. */
	if (s->body_finished && err->code < 400) {
		struct error unsure = ERROR_INIT;
		(void)error_set(&unsure, ERROR_UNCERTAIN, "%s; %s", err->text ? err->text : "",
				_("the message had been sent in full, so it may or may not have been delivered"));
		error_stage(&unsure, "%s", row_verdict.name);
		error_hint(&unsure, "%s", _("Ask a recipient, or look into the server's log, before you send it again."));
		states_mail_settle(s, &unsure);
		error_move(&s->sub_error, &unsure);
	} else {
		states_mail_settle(s, err);
	}
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

static struct place rset_after(struct session *s, size_t arg)
{
	(void)s;
	(void)arg;
	return PLACE(row_mail);
}

static struct place rset_reply(struct session *s, size_t arg, const struct reply *reply)
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

static const struct row row_rset = {
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
	return command_mail(out, s->sub, &s->terms, err);
}

/* BDAT saves the wait for 354 (RFC 3030).  LMTP's one verdict per recipient is
 * defined for DATA. */
static struct place transfer(const struct session *s)
{
	return s->terms.chunking && s->options.protocol == PROTOCOL_SMTP ? PLACE(row_bdat) : PLACE(row_data);
}

static struct place next_recipient(struct session *s, size_t i)
{
	while (i < s->outcomes_n && s->outcomes[i].kind != OUTCOME_OPEN)
		i++; /* settled before: cannot be named to this server */
	return i < s->outcomes_n ? PLACE_AT(row_rcpt, i) : transfer(s);
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
		s->needs_rset = true;
		return PLACE_STAY;
	}
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_MAIL, reply, &err);
	error_stage(&err, "MAIL FROM:<%s>", s->sub->env->sender.given);
	if (err.kind == ERROR_PROTOCOL)
		return session_fail(s, &err, false);
	s->mail_refused = true;
	states_mail_failed(s, &err);
	/* What was sent behind it is still answered; the recipients' row skips what was not. */
	return PLACE_STAY;
}

static enum row_ready wait_for_mail(struct session *s, size_t arg)
{
	(void)arg;
	return s->mail_refused ? ROW_SKIP : ROW_SEND;
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

static bool rcpt_build(struct session *s, size_t i, struct strbuf *out, struct error *err)
{
	return command_rcpt(out, s->sub, &s->terms, i, err);
}

static struct place rcpt_after(struct session *s, size_t i)
{
	return s->mail_refused ? transfer(s) : next_recipient(s, i + 1);
}

static struct place rcpt_reply(struct session *s, size_t i, const struct reply *reply)
{
	if (s->mail_refused)
		return PLACE_STAY; /* the answer to a command sent ahead */
	if (reply_class(reply) == 2) {
		s->accepted++;
		return PLACE_STAY;
	}
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_RCPT, reply, &err);
	if (err.kind == ERROR_RECIPIENT_REFUSED && reply_policy_too_many_recipients(reply, s->accepted))
		err.kind = ERROR_SERVER_TEMPORARY;
	if (err.kind == ERROR_PROTOCOL) {
		error_stage(&err, "RCPT TO:<%s>", s->sub->env->rcpts[i].address.given);
		return session_fail(s, &err, false);
	}
	outcome_from_error(&s->outcomes[i], &err);
	s->outcomes[i].of_recipient = true;
	s->refused++;
	error_release(&err);
	return PLACE_STAY;
}

static const struct row row_rcpt = {
	.name = "RCPT",
	.doing = N_("naming the recipients"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.may_pipeline = true,
	.ready = wait_for_mail,
	.build = rcpt_build,
	.after = rcpt_after,
	.on_reply = rcpt_reply,
};

/* ---- before the message ---- */

static bool all_or_none(const struct session *s)
{
	return s->sub->partial == PARTIAL_ABORT;
}

/* Rides with the recipients where it may; where their verdict is needed
 * first, or nobody was accepted, it waits or is left out. */
enum row_ready states_mail_transfer_ready(struct session *s, size_t arg)
{
	(void)arg;
	if (session_due(s))
		return s->mail_refused || all_or_none(s) ? ROW_WAIT : ROW_SEND;
	return s->mail_refused || !s->accepted || (all_or_none(s) && s->refused) ? ROW_SKIP : ROW_SEND;
}

static struct place give_up_for_all(struct session *s)
{
	struct error err = ERROR_INIT;
	bool for_good = false;
	for (size_t i = 0; i < s->outcomes_n; i++)
		for_good |= s->outcomes[i].kind == OUTCOME_REFUSED;
	if (for_good)
		(void)error_set(&err, ERROR_MESSAGE_REFUSED, _("another recipient was refused, and partial abort is set; nothing was sent"));
	else
		(void)error_set(&err, ERROR_SERVER_TEMPORARY, _("another recipient was put off, and partial abort is set; nothing was sent"));
	states_mail_failed(s, &err);
	return states_mail_finish(s);
}

/* Reached by SKIP (nothing to send for), or as "wait for the verdict" behind a sent DATA. */
struct place states_mail_transfer_skipped(struct session *s, size_t arg)
{
	(void)arg;
	if (session_due(s))
		return PLACE_STAY;
	return all_or_none(s) && s->refused && !s->mail_refused ? give_up_for_all(s) : states_mail_finish(s);
}

/* ---- ready, QUIT, closed ---- */

const struct row row_ready = {
	.name = "ready",
	.doing = N_("waiting for the next message"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_READY,
};

static bool quit_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	return command_simple(out, "QUIT", NULL, err);
}

static struct place quit_after(struct session *s, size_t arg)
{
	(void)s;
	(void)arg;
	return PLACE(row_close);
}

/* No on_reply: the answer is not waited for. */
const struct row row_quit = {
	.name = "QUIT",
	.doing = N_("saying goodbye"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.build = quit_build,
	.after = quit_after,
};

const struct row row_close = {
	.name = "close",
	.doing = N_("closing the connection"),
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_CLOSE,
};
