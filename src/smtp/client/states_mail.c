/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mail transactions: MAIL, RCPT and RSET, and which recipients go into which transaction.  The message itself is sent
 * by states_data.c or states_bdat.c. */
#include "base/i18n.h"
#include "smtp/client/session_private.h"
#include "smtp/client/unkept.h"
#include "smtp/command.h"

#include <assert.h>
#include <inttypes.h>

static const struct state state_rset, state_mail, state_rcpt;

/* ---- outcomes ---- */

void states_mail_settle(struct session *s, const struct error *err)
{
	struct submitted *m = s->submitted;
	for (size_t i = 0; i < m->n; i++)
		if (m->outcomes[i].kind == OUTCOME_OPEN)
			outcome_from_error(&m->outcomes[i], err);
	m->batch.next = m->batch.n; /* no recipient waits any more */
}

void states_mail_failed(struct session *s, struct error *err)
{
	states_mail_settle(s, err);
	if (s->submitted->error.status.kind == ERROR_NONE)
		error_move(&s->submitted->error, err);
	else
		error_release(err);
}

size_t states_mail_next_open(const struct session *s, size_t position)
{
	const struct submitted *m = s->submitted;
	for (; position < m->batch.next; position++) {
		size_t i = rcpt_batch_recipient(&m->batch, position);
		if (i != RCPT_BATCH_MOVED && m->outcomes[i].kind == OUTCOME_OPEN)
			break;
	}
	return position;
}

void states_mail_keep_final(struct session *s, const struct reply *reply)
{
	reply_copy(&s->submitted->final_reply, reply);
	s->submitted->has_final_reply = true;
}

/* The message was sent in full and the final reply is missing: it may have been delivered.  That does not apply to the
 * recipients who wait for a later transaction. */
static void settle_uncertain(struct session *s, const struct error *err)
{
	const struct rcpt_batch *batch = &s->submitted->batch;
	struct error unsure = ERROR_INIT;
	(void)error_set(&unsure, ERROR_UNCERTAIN, "%s; %s", err->status.text ? err->status.text : "",
			_("the message had been sent in full, so it may have been delivered"));
	error_stage(&unsure, "%s", state_verdict.name);
	error_hint(&unsure, "%s", _("Ask a recipient, or look into the server's log, before you send it again."));
	for (size_t p = states_mail_next_open(s, batch->first); p < batch->next; p = states_mail_next_open(s, p + 1))
		outcome_from_error(&s->submitted->outcomes[rcpt_batch_recipient(batch, p)], &unsure);
	error_move(&s->submitted->error, &unsure);
}

void states_mail_abandon(struct session *s, const struct error *err)
{
	/* A 4xx or 5xx (421) says that it was not delivered, nor what was sent after it: replies come in order. */
	if (s->submitted->transaction.body_finished && err->status.code < 400)
		settle_uncertain(s, err);
	states_mail_settle(s, err);
	s->submitted->under_way = false;
	s->submitted->transaction.body_running = false;
}

/* ---- from transaction to transaction ---- */

static bool all_or_none(const struct session *s)
{
	return s->submitted->mail->partial == PARTIAL_ABORT && !s->submitted->verifying;
}

/* RFC 9422 section 4.1: the server accepts no further transaction in this session. */
static bool no_more_messages(const struct session *s)
{
	return s->caps.mail_max && s->transactions >= s->caps.mail_max;
}

/* Section 4.3: the server accepts no recipients of other domains in this session. */
static bool no_more_domains(const struct session *s)
{
	const struct rcpt_batch *batch = &s->submitted->batch;
	return rcpt_batch_needs_session(batch) || (all_or_none(s) && !rcpt_batch_fits(batch, true));
}

static struct position skip_remaining(struct session *s)
{
	struct submitted *m = s->submitted;
	struct error err = ERROR_INIT;
	if (no_more_messages(s))
		(void)error_set(&err, ERROR_SERVER_TEMPORARY,
				Q_("the server accepts no more than %" PRIu64 " message in one session",
				   "the server accepts no more than %" PRIu64 " messages in one session",
				   s->caps.mail_max),
				s->caps.mail_max);
	else
		(void)error_set(&err, ERROR_SERVER_TEMPORARY,
				Q_("the server accepts recipients of no more than %" PRIu64 " domain in one session",
				   "the server accepts recipients of no more than %" PRIu64 " domains in one session",
				   s->caps.rcpt_domain_max),
				s->caps.rcpt_domain_max);
	error_hint(&err, "%s", _("Try again: the other recipients need a new session."));
	error_stage(&err, "%s", state_mail.name);
	for (size_t i = 0; i < m->n; i++) {
		if (m->outcomes[i].kind != OUTCOME_OPEN)
			continue;
		outcome_from_error(&m->outcomes[i], &err);
		m->outcomes[i].remaining = true;
	}
	states_mail_failed(s, &err);
	return states_mail_finish(s);
}

static struct position next_transaction(struct session *s)
{
	if (no_more_messages(s) || no_more_domains(s))
		return skip_remaining(s);
	rcpt_batch_next(&s->submitted->batch);
	s->messages++;
	s->submitted->transaction = (struct transaction){.ahead = session_pending(s) && !s->pipeconnect.unconfirmed};
	s->submitted->bdat = (struct bdat){.unannounced = s->submitted->mail->size};
	return session_ahead_needs_rset(s) ? POSITION(state_rset) : POSITION(state_mail);
}

struct position states_mail_finish(struct session *s)
{
	struct submitted *m = s->submitted;
	s->submitted->transaction.body_running = false;
	s->submitted->bdat.chunk_left = 0;
	if (rcpt_batch_waiting(&m->batch))
		return next_transaction(s);
	for (size_t i = 0; i < m->n; i++)
		assert(m->outcomes[i].kind != OUTCOME_OPEN);
	m->under_way = false;
	return session_ahead_is_sending(s) ? POSITION(state_ready) : POSITION_STAY;
}

/* ---- before the first transaction ---- */

bool states_mail_allowed(const struct session *s)
{
	const struct mail_transaction *mail = s->submitted->mail;
	AUTO(error) err = ERROR_INIT;
	struct negotiated negotiated;
	if (!negotiate(mail, &s->caps, &negotiated, &err))
		return false;
	for (size_t i = 0; i < mail->env->n; i++)
		if (!negotiate_recipient(mail, &negotiated, i, &err))
			return false;
	return true;
}

void states_mail_name_recipient(const struct session *s, size_t recipient, struct error *err)
{
	error_stage(err, "RCPT TO:<%s>", s->submitted->mail->env->rcpts[recipient].address.given);
}

/* Recipients whose address cannot be sent to this server get their outcome now. */
static void settle_unnameable(struct session *s)
{
	struct submitted *m = s->submitted;
	struct error err = ERROR_INIT;
	for (size_t i = 0; i < m->n; i++) {
		if (negotiate_recipient(m->mail, &m->negotiated, i, &err))
			continue;
		states_mail_name_recipient(s, i, &err);
		outcome_from_error(&m->outcomes[i], &err);
		m->outcomes[i].of_recipient = true;
		error_release(&err);
	}
}

/* With "partial abort": it is known before anything is sent that some recipient cannot be reached, or that one
 * transaction will not do for all of them. */
static bool abort_beforehand(struct session *s)
{
	struct submitted *m = s->submitted;
	struct error err = ERROR_INIT;
	if (!all_or_none(s))
		return false;
	if (m->batch.n < m->n)
		(void)error_set(&err, ERROR_ADDRESS,
				_("not all recipients can be reached, and partial abort is set; nothing was sent"));
	else if (!rcpt_batch_fits(&m->batch, false))
		(void)error_set(&err, ERROR_NOT_OFFERED,
				_("the server does not accept all recipients in one transaction, and partial abort is "
				  "set; nothing was sent"));
	else
		return false;
	error_hint(&err, "%s", _("Leave out the recipients named, send to fewer at a time, or set partial deliver."));
	states_mail_failed(s, &err);
	return true;
}

static bool is_open(void *arg, size_t i)
{
	const struct submitted *m = arg;
	return m->outcomes[i].kind == OUTCOME_OPEN;
}

struct position states_mail_begin(struct session *s)
{
	struct submitted *m = s->submitted;
	struct error err = ERROR_INIT;
	const struct rcpt_limits limits = {s->caps.rcpt_max, s->caps.rcpt_domain_max};
	rcpt_batch_release(&m->batch);
	if (!negotiate(m->mail, &s->caps, &m->negotiated, &err)) {
		error_stage(&err, "%s", state_mail.name);
		states_mail_failed(s, &err);
		return POSITION(state_ready);
	}
	if (m->verifying) { /* without a message, neither its size nor its kind are known, and no report can be sent */
		m->negotiated.size = m->negotiated.dsn = false;
		m->negotiated.body = NULL;
	}
	settle_unnameable(s);
	rcpt_batch_begin(&m->batch, m->mail->env, &limits, &s->domains, is_open, m);
	if (abort_beforehand(s) || (!rcpt_batch_waiting(&m->batch) && !m->verifying))
		return POSITION(state_ready);
	m->under_way = true;
	return next_transaction(s);
}

/* ---- RSET ---- */

static bool rset_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	s->needs_rset = false;
	s->rset_pending = true;
	return command_simple(out, "RSET", NULL, err);
}

static struct position rset_after(struct session *s, size_t arg)
{
	(void)s;
	(void)arg;
	return POSITION(state_mail);
}

static struct position rset_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	s->rset_pending = false;
	s->needs_rset = reply_class(reply) != 2; /* replies to what was sent before may have come after it was sent */
	if (!s->needs_rset)
		return POSITION_STAY;
	if (s->submitted->transaction.ahead && reply_class(reply) != 3) { /* the transaction before may be over */
		s->one_by_one = true;
		return POSITION_STAY;
	}
	/* The message is not at fault: it can be sent in a new session. */
	struct error err = ERROR_INIT;
	(void)error_set(&err, ERROR_SERVER_TEMPORARY,
			_("the server does not accept a further message in this session"));
	error_server(&err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	error_hint_again(&err);
	error_stage(&err, "RSET");
	return session_fail(s, &err, true);
}

static const struct state state_rset = {
	.name = "RSET",
	.activity = N_("clearing the last transaction"),
	.ends_in_command = true,
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
	const struct mail_transaction *mail = s->submitted->mail;
	(void)arg;
	s->transactions++;
	return command_mail(out, mail->env, mail->size, &s->submitted->negotiated, err);
}

/* BDAT saves waiting for the 354 (RFC 3030).  LMTP defines its reply per recipient for DATA only. */
static struct position transfer(const struct session *s)
{
	if (s->submitted->verifying)
		return POSITION(state_take_back);
	return s->submitted->negotiated.chunking && s->options.protocol == PROTOCOL_SMTP ? POSITION(state_bdat)
											 : POSITION(state_data);
}

static struct position next_recipient(struct session *s)
{
	size_t position;
	return rcpt_batch_take(&s->submitted->batch, &position) ? POSITION_AT(state_rcpt, position) : transfer(s);
}

static struct position mail_after(struct session *s, size_t arg)
{
	(void)arg;
	return next_recipient(s);
}

/* A parameter that is refused is not the sender's fault.  The second attempt, without those that can be left out, may
 * have none at all. */
static bool refuses_parameter(struct session *s, unsigned sent, const struct reply *reply, struct error *err)
{
	struct submitted *m = s->submitted;
	unsigned left_out = s->ignored_later & (CAP_SIZE | CAP_8BITMIME | CAP_BINARYMIME | CAP_DSN);
	if (!unkept_is_parameter(reply) || !(sent | left_out))
		return false;
	m->unkept |= unkept_dispensable(m->mail, &m->negotiated, sent);
	unkept_parameter_error(sent ? sent : left_out, !sent, reply, err);
	return true;
}

static void mail_error(struct session *s, const struct reply *reply, struct error *err)
{
	const struct submitted *m = s->submitted;
	if (refuses_parameter(s, unkept_mail_parameters(m->mail, &m->negotiated), reply, err))
		return;
	s->lost_login |= reply->code == 530 && s->ehlo_again;
	reply_policy_error(STAGE_MAIL, reply, err);
}

/* As a command within the transaction before, which is not over. */
static bool refuses_ahead(struct session *s, const struct reply *reply, struct error *err)
{
	if (!s->submitted->transaction.ahead || reply->code != 503)
		return false;
	s->one_by_one = true;
	(void)error_set(err, ERROR_SERVER_TEMPORARY,
			_("the server accepts no message before it has replied to the one before"));
	error_server(err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	error_hint(err, "%s", _("Set pipeline_messages 1 for this account."));
	return true;
}

static void mark_remaining(struct submitted *m)
{
	for (size_t i = 0; i < m->n; i++)
		m->outcomes[i].remaining |= m->outcomes[i].kind == OUTCOME_RETRY && !m->outcomes[i].of_recipient;
}

void states_mail_contradicted(struct session *s, const struct reply *reply)
{
	struct submitted *m = s->submitted;
	AUTO(error) err = ERROR_INIT;
	(void)error_set(&err, ERROR_UNCERTAIN, _("the server accepted the message after it had refused the sender"));
	error_server(&err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	error_stage(&err, "%s", state_verdict.name);
	error_hint(&err, "%s", _("Ask a recipient, or look into the server's log, before you send it again."));
	for (size_t i = 0; i < m->n; i++)
		if (!m->outcomes[i].of_recipient)
			outcome_from_error(&m->outcomes[i], &err);
	error_release(&m->error);
	error_copy(&m->error, &err);
}

static struct position mail_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	if (reply_class(reply) == 2) {
		s->needs_rset = true;
		if (s->submitted->verifying)
			states_mail_keep_final(s, reply);
		return POSITION_STAY;
	}
	struct error err = ERROR_INIT;
	bool again = refuses_ahead(s, reply, &err);
	if (!again)
		mail_error(s, reply, &err);
	error_stage(&err, "MAIL FROM:<%s>", s->submitted->mail->env->mail.sender.given);
	if (err.status.kind == ERROR_PROTOCOL) /* after 354 the server would read QUIT as a line of a message */
		return session_fail(s, &err, reply->code != 354);
	s->submitted->transaction.mail_refused = true;
	states_mail_failed(s, &err);
	if (again)
		mark_remaining(s->submitted);
	/* The commands already sent are still answered; those not sent are skipped by their ready(). */
	return POSITION_STAY;
}

static const struct state state_mail = {
	.name = "MAIL",
	.activity = N_("naming the sender"),
	.ends_in_command = true,
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.may_pipeline = true,
	.build = mail_build,
	.after = mail_after,
	.on_reply = mail_reply,
};

/* ---- RCPT ---- */

/* Skipped if the sender was refused, or the server has said that it takes no more recipients. */
static enum send_decision rcpt_ready(struct session *s, size_t position)
{
	(void)position;
	return s->submitted->transaction.mail_refused || s->submitted->batch.full ? SEND_SKIP : SEND_NOW;
}

static bool rcpt_build(struct session *s, size_t position, struct strbuf *out, struct error *err)
{
	const struct submitted *m = s->submitted;
	return command_rcpt(out, m->mail->env, &m->negotiated, rcpt_batch_recipient(&m->batch, position), err);
}

static struct position rcpt_after(struct session *s, size_t position)
{
	if (s->submitted->transaction.mail_refused)
		return transfer(s);
	if (!s->submitted->batch.full)
		return next_recipient(s);
	rcpt_batch_return(&s->submitted->batch, position); /* skipped: it goes into a later transaction */
	return transfer(s);
}

static void rcpt_refused(struct session *s, size_t position, struct error *err, const struct reply *reply)
{
	struct submitted *m = s->submitted;
	size_t accepted = s->submitted->transaction.accepted;
	bool too_many = reply_policy_too_many_recipients(reply, accepted);
	bool put_off = too_many && accepted && !all_or_none(s);
	if (put_off && session_ahead_is_sending(s)) {
		rcpt_batch_postpone(&m->batch, position, accepted);
		return;
	}
	if (too_many && err->status.kind == ERROR_RECIPIENT_REFUSED)
		err->status.kind = ERROR_SERVER_TEMPORARY;
	struct outcome *o = &m->outcomes[rcpt_batch_recipient(&m->batch, position)];
	outcome_from_error(o, err);
	o->of_recipient = true;
	o->remaining = put_off; /* other messages are on their way already */
	s->submitted->transaction.refused++;
}

static struct position rcpt_reply(struct session *s, size_t position, const struct reply *reply)
{
	struct submitted *m = s->submitted;
	size_t i = rcpt_batch_recipient(&m->batch, position);
	if (s->submitted->transaction.mail_refused)
		return POSITION_STAY; /* RCPT had been sent already */
	if (reply_class(reply) == 2) {
		s->submitted->transaction.accepted++;
		s->ehlo_again = false; /* the login was not lost by it */
		if (m->verifying) {    /* there is no message for which a later reply could decide */
			outcome_accept(&m->outcomes[i], reply);
			m->outcomes[i].of_recipient = true;
		}
		return POSITION_STAY;
	}
	struct error err = ERROR_INIT;
	if (!refuses_parameter(s, unkept_rcpt_parameters(m->mail, &m->negotiated, i), reply, &err))
		reply_policy_error(STAGE_RCPT, reply, &err);
	s->lost_login |= reply->code == 530 && s->ehlo_again;
	states_mail_name_recipient(s, i, &err);
	if (err.status.kind == ERROR_PROTOCOL) /* after 354 the server would read QUIT as a line of a message */
		return session_fail(s, &err, reply->code != 354);
	rcpt_refused(s, position, &err, reply);
	error_release(&err);
	return POSITION_STAY;
}

static const struct state state_rcpt = {
	.name = "RCPT",
	.activity = N_("naming the recipients"),
	.ends_in_command = true,
	.timeout = TIMEOUT_COMMAND,
	.want = SESSION_WRITE,
	.may_pipeline = true,
	.ready = rcpt_ready,
	.build = rcpt_build,
	.after = rcpt_after,
	.on_reply = rcpt_reply,
};

/* ---- whether the message follows ---- */

enum send_decision states_mail_transfer_ready(struct session *s, size_t arg)
{
	const struct transaction *t = &s->submitted->transaction;
	(void)arg;
	if (s->submitted->pending)
		return t->mail_refused || all_or_none(s) ? SEND_WAIT : SEND_NOW;
	return t->mail_refused || !t->accepted || (all_or_none(s) && t->refused) ? SEND_SKIP : SEND_NOW;
}

static struct position abort_for_all(struct session *s)
{
	struct submitted *m = s->submitted;
	struct error err = ERROR_INIT;
	bool permanent = false;
	for (size_t i = 0; i < m->n; i++)
		permanent |= m->outcomes[i].kind == OUTCOME_REFUSED;
	if (permanent)
		(void)error_set(&err, ERROR_MESSAGE_REFUSED,
				_("another recipient was refused, and partial abort is set; nothing was sent"));
	else
		(void)error_set(&err, ERROR_SERVER_TEMPORARY,
				_("another recipient was deferred, and partial abort is set; nothing was sent"));
	states_mail_failed(s, &err);
	return states_mail_finish(s);
}

/* Also called after DATA was sent: then its reply decides. */
struct position states_mail_transfer_skipped(struct session *s, size_t arg)
{
	(void)arg;
	if (s->submitted->pending)
		return POSITION_STAY;
	if (all_or_none(s) && s->submitted->transaction.refused && !s->submitted->transaction.mail_refused)
		return abort_for_all(s);
	return states_mail_finish(s);
}
