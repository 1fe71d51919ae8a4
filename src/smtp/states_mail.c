/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transactions: MAIL, RCPT, DATA, the message, the verdicts; RSET and QUIT. */
#include "base/i18n.h"
#include "smtp/command.h"
#include "smtp/session_private.h"

#include <assert.h>

static const struct row row_rset, row_mail, row_rcpt, row_data, row_body, row_final, row_lone_dot;

/* ---- beginning and end of a transaction ---- */

struct place states_mail_finish(struct session *s)
{
	for (size_t i = 0; i < s->outcomes_n; i++)
		assert(s->outcomes[i].kind != OUTCOME_OPEN);
	s->in_transaction = false;
	s->body_running = false;
	return PLACE(row_ready);
}

/* Gives every recipient without a verdict this one. */
static void settle_open(struct session *s, const struct error *err)
{
	for (size_t i = 0; i < s->outcomes_n; i++)
		if (s->outcomes[i].kind == OUTCOME_OPEN)
			outcome_from_error(&s->outcomes[i], err);
}

void states_mail_failed(struct session *s, struct error *err)
{
	settle_open(s, err);
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
	s->accepted = s->refused = s->lmtp_next = 0;
	s->mail_refused = s->body_running = s->body_finished = false;
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
		error_stage(&unsure, "%s", row_final.name);
		error_hint(&unsure, "%s", _("Ask a recipient, or look into the server's log, before you send it again."));
		settle_open(s, &unsure);
		error_move(&s->sub_error, &unsure);
	} else {
		settle_open(s, err);
	}
	s->in_transaction = false;
	s->body_running = false;
}

/* ---- RSET ---- */

static bool rset_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	s->needs_rset = false;
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

static struct place next_recipient(struct session *s, size_t i)
{
	while (i < s->outcomes_n && s->outcomes[i].kind != OUTCOME_OPEN)
		i++; /* settled before: cannot be named to this server */
	return i < s->outcomes_n ? PLACE_AT(row_rcpt, i) : PLACE(row_data);
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
	/* What was sent behind it is still answered; what was not, is not sent. */
	return session_due(s) ? PLACE(row_data) : states_mail_finish(s);
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
	return s->mail_refused ? PLACE(row_data) : next_recipient(s, i + 1);
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

/* ---- DATA ---- */

static bool all_or_none(const struct session *s)
{
	return s->sub->partial == PARTIAL_ABORT;
}

/* Rides with the recipients where it may; where their verdict is needed
 * first, or nobody was accepted, it waits or is left out. */
static enum row_ready data_ready(struct session *s, size_t arg)
{
	(void)arg;
	if (session_due(s))
		return s->mail_refused || all_or_none(s) ? ROW_WAIT : ROW_SEND;
	return s->mail_refused || !s->accepted || (all_or_none(s) && s->refused) ? ROW_SKIP : ROW_SEND;
}

static bool data_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	return command_simple(out, "DATA", NULL, err);
}

/* All or none also later: where the others were only put off, these wait with them. */
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
static struct place data_after(struct session *s, size_t arg)
{
	(void)arg;
	if (session_due(s))
		return PLACE_STAY;
	return all_or_none(s) && s->refused && !s->mail_refused ? give_up_for_all(s) : states_mail_finish(s);
}

static struct place data_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	bool nobody = s->mail_refused || !s->accepted;
	if (reply->code == 354) {
		if (nobody) /* RFC 2920 section 3.1: end it at once */
			return PLACE(row_lone_dot);
		s->body_running = true;
		return PLACE(row_body);
	}
	if (nobody)
		return states_mail_finish(s);
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_DATA, reply, &err);
	error_stage(&err, "DATA");
	if (err.kind == ERROR_PROTOCOL)
		return session_fail(s, &err, false);
	states_mail_failed(s, &err);
	return states_mail_finish(s);
}

static const struct row row_data = {
	.name = "DATA",
	.doing = N_("announcing the message"),
	.timeout = TIMEOUT_DATA,
	.want = SESSION_WRITE,
	.ready = data_ready,
	.build = data_build,
	.after = data_after,
	.on_reply = data_reply,
};

static bool lone_dot_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	(void)err;
	strbuf_adds(out, ".\r\n");
	return true;
}

static struct place lone_dot_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	(void)reply; /* nobody receives: whatever it says */
	s->needs_rset = false;
	return states_mail_finish(s);
}

static const struct row row_lone_dot = {
	.name = "end of data",
	.doing = N_("ending the transaction"),
	.timeout = TIMEOUT_FINAL,
	.want = SESSION_WRITE,
	.build = lone_dot_build,
	.on_reply = lone_dot_reply,
};

/* ---- the message and the verdict ---- */

static const struct row row_body = {
	.name = "message",
	.doing = N_("sending the message"),
	.timeout = TIMEOUT_BLOCK,
	.want = SESSION_BODY,
};

static size_t next_open(const struct session *s, size_t i)
{
	while (i < s->outcomes_n && s->outcomes[i].kind != OUTCOME_OPEN)
		i++;
	return i;
}

void session_body_done(struct session *s)
{
	if (s->next.row != &row_body || s->closed)
		return; /* the server stopped us meanwhile */
	s->body_running = false;
	s->body_finished = true;
	s->next = PLACE_STAY;
	if (s->options.protocol != PROTOCOL_LMTP) {
		session_expect(s, &row_final, 0);
		return;
	}
	/* RFC 2033 section 4.2: a verdict for each accepted recipient, in order. */
	for (size_t i = next_open(s, 0); i < s->outcomes_n; i = next_open(s, i + 1))
		session_expect(s, &row_final, i);
}

static void accept_open(struct session *s, size_t from, size_t to, const struct reply *reply)
{
	for (size_t i = from; i < to; i++) {
		struct outcome *o = &s->outcomes[i];
		if (o->kind != OUTCOME_OPEN)
			continue;
		*o = (struct outcome){.kind = OUTCOME_ACCEPTED, .error = ERROR_NONE, .code = reply->code};
		memcpy(o->enhanced, reply->enhanced, sizeof(o->enhanced));
	}
}

void states_mail_keep_final(struct session *s, const struct reply *reply)
{
	reply_release(&s->final_reply);
	s->final_reply.code = reply->code;
	s->final_reply.lines = reply->lines;
	memcpy(s->final_reply.enhanced, reply->enhanced, sizeof(reply->enhanced));
	strbuf_add_span(&s->final_reply.text, strbuf_span(&reply->text));
	s->has_final = true;
}

static void final_verdict(struct session *s, size_t i, const struct reply *reply)
{
	bool lmtp = s->options.protocol == PROTOCOL_LMTP;
	size_t to = lmtp ? i + 1 : s->outcomes_n;
	if (reply_class(reply) == 2) {
		states_mail_keep_final(s, reply);
		accept_open(s, i, to, reply);
		return;
	}
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_FINAL, reply, &err);
	error_stage(&err, "%s", row_final.name);
	if (!lmtp) {
		states_mail_failed(s, &err);
		return;
	}
	if (err.kind == ERROR_MESSAGE_REFUSED)
		err.kind = ERROR_RECIPIENT_REFUSED;
	outcome_from_error(&s->outcomes[i], &err);
	s->outcomes[i].of_recipient = true;
	error_release(&err);
}

static struct place final_reply(struct session *s, size_t i, const struct reply *reply)
{
	if (reply_class(reply) == 3) {
		struct error err = ERROR_INIT;
		reply_policy_error(STAGE_FINAL, reply, &err);
		return session_fail(s, &err, false);
	}
	final_verdict(s, i, reply);
	s->needs_rset = false; /* the transaction is over whatever the verdict (RFC 5321 section 4.1.1.4) */
	return session_due(s) ? PLACE_STAY : states_mail_finish(s);
}

static const struct row row_final = {
	.name = "end of data",
	.doing = N_("waiting for the server's verdict on the message"),
	.timeout = TIMEOUT_FINAL,
	.want = SESSION_WRITE,
	.on_reply = final_reply,
};

struct place states_mail_early_reply(struct session *s, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_FINAL, reply, &err);
	if (err.kind == ERROR_PROTOCOL)
		(void)error_set(&err, ERROR_PROTOCOL, _("the server answered %d before the message was complete"), reply->code);
	error_stage(&err, "%s", row_body.name);
	/* The data cannot be ended without completing the message: hang up. */
	return session_fail(s, &err, false);
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
