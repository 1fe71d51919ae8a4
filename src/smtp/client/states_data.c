/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The message by DATA (RFC 5321 section 4.1.1.4), and the final reply to it. */
#include "base/i18n.h"
#include "smtp/client/session_private.h"
#include "smtp/client/unkept.h"
#include "smtp/command.h"

#include <assert.h>

static const struct state state_body, state_lone_dot, state_lone_dot_lmtp;

/* ---- DATA ---- */

static bool data_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	return command_simple(out, "DATA", NULL, err);
}

static struct position data_reply(struct session *s, size_t arg, const struct reply *reply)
{
	bool no_recipient = s->submitted->transaction.mail_refused || !s->submitted->transaction.accepted;
	(void)arg;
	if (reply->code == 354 && !no_recipient) {
		s->submitted->transaction.body_running = true;
		return POSITION(state_body);
	}
	if (reply->code == 354) /* DATA was sent ahead; RFC 2920 section 3.1: send only the final dot */
		return s->options.protocol == PROTOCOL_LMTP ? POSITION(state_lone_dot_lmtp) : POSITION(state_lone_dot);
	if (no_recipient)
		return states_mail_finish(s);
	struct error err = ERROR_INIT;
	if ((s->ignored_later & CAP_CHUNKING) && unkept_is_command(reply))
		unkept_chunking_error(true, reply, &err);
	else
		reply_policy_error(STAGE_DATA, reply, &err);
	error_stage(&err, "DATA");
	if (err.status.kind == ERROR_PROTOCOL) /* after 3yz the server may wait for the message */
		return session_fail(s, &err, reply_class(reply) != 3);
	states_mail_failed(s, &err);
	return states_mail_finish(s);
}

const struct state state_data = {
	.name = "DATA",
	.activity = N_("announcing the message"),
	.timeout = TIMEOUT_DATA,
	.want = SESSION_WRITE,
	.ready = states_mail_transfer_ready,
	.build = data_build,
	.after = states_mail_transfer_skipped,
	.on_reply = data_reply,
};

/* ---- the final dot alone ---- */

static bool lone_dot_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	(void)err;
	strbuf_adds(out, ".\r\n");
	return true;
}

static struct position lone_dot_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	(void)reply; /* there is no recipient, so the reply does not matter */
	s->needs_rset = false;
	return states_mail_finish(s);
}

static const struct state state_lone_dot = {
	.name = "end of data",
	.activity = N_("ending the transaction"),
	.ends_in_command = true,
	.timeout = TIMEOUT_FINAL,
	.want = SESSION_WRITE,
	.build = lone_dot_build,
	.on_reply = lone_dot_reply,
};

static struct position lone_dot_after(struct session *s, size_t arg)
{
	(void)arg;
	s->needs_rset = false;
	return states_mail_finish(s);
}

/* LMTP has one reply per accepted recipient (RFC 2033 section 4.2), so here there is none. */
static const struct state state_lone_dot_lmtp = {
	.name = "end of data",
	.activity = N_("ending the transaction"),
	.timeout = TIMEOUT_FINAL,
	.want = SESSION_WRITE,
	.build = lone_dot_build,
	.after = lone_dot_after,
};

/* ---- the message ---- */

static const struct state state_body = {
	.name = "message",
	.activity = N_("sending the message"),
	.timeout = TIMEOUT_BLOCK,
	.want = SESSION_BODY,
	.may_pipeline = true, /* RFC 2920 section 3.1: it may be the first "command" of a group */
};

void session_body_done(struct session *s)
{
	const struct rcpt_batch *batch = &s->submitted->batch;
	if (s->next.state != &state_body || s->closed)
		return; /* the server interrupted us */
	s->submitted->transaction.body_running = false;
	s->submitted->transaction.body_finished = true;
	s->needs_rset = false; /* the final dot ends the transaction, accepted or not (RFC 5321 section 4.1.1.4) */
	s->flight.last = &state_body;
	session_await_reply(s);
	if (s->options.protocol != PROTOCOL_LMTP) {
		session_expect(s, &state_verdict, 0);
		return;
	}
	/* RFC 2033 section 4.2: one reply for each accepted recipient, in order. */
	for (size_t p = states_mail_next_open(s, batch->first); p < batch->next; p = states_mail_next_open(s, p + 1))
		session_expect(s, &state_verdict, p);
}

struct position states_data_interrupted(struct session *s, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_FINAL, reply, &err);
	if (err.status.kind == ERROR_PROTOCOL)
		(void)error_set(&err, ERROR_PROTOCOL, _("the server replied %d before the message was complete"),
				reply->code);
	error_stage(&err, "%s", state_body.name);
	/* To end the data here would make it a complete message, so close the connection. */
	return session_fail(s, &err, false);
}

/* ---- the final reply ---- */

/* LMTP: about this recipient alone (RFC 2033 section 4.2). */
static void verdict_of_one(struct session *s, size_t position, const struct reply *reply)
{
	size_t i = rcpt_batch_recipient(&s->submitted->batch, position);
	struct outcome *o = &s->submitted->outcomes[i];
	if (reply_class(reply) == 2) {
		states_mail_keep_final(s, reply);
		outcome_accept(o, reply);
		return;
	}
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_FINAL, reply, &err);
	states_mail_name_recipient(s, i, &err);
	if (err.status.kind == ERROR_MESSAGE_REFUSED)
		err.status.kind = ERROR_RECIPIENT_REFUSED;
	outcome_from_error(o, &err);
	o->of_recipient = true;
	error_release(&err);
}

static void verdict_of_all(struct session *s, const struct reply *reply)
{
	const struct rcpt_batch *batch = &s->submitted->batch;
	if (reply_class(reply) == 2) {
		s->proven = true;
		states_mail_keep_final(s, reply);
		for (size_t p = states_mail_next_open(s, batch->first); p < batch->next;
		     p = states_mail_next_open(s, p + 1))
			outcome_accept(&s->submitted->outcomes[rcpt_batch_recipient(batch, p)], reply);
		return;
	}
	/* The message is refused, so a later transaction for the other recipients would be refused as well. */
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_FINAL, reply, &err);
	error_stage(&err, "%s", state_verdict.name);
	states_mail_failed(s, &err);
}

void states_data_verdict(struct session *s, size_t position, const struct reply *reply)
{
	if (s->options.protocol == PROTOCOL_LMTP)
		verdict_of_one(s, position, reply);
	else
		verdict_of_all(s, reply);
}

static struct position final_reply(struct session *s, size_t position, const struct reply *reply)
{
	if (reply_class(reply) == 3) {
		struct error err = ERROR_INIT;
		reply_policy_error(STAGE_FINAL, reply, &err);
		return session_fail(s, &err, false);
	}
	states_data_verdict(s, position, reply);
	return s->submitted->pending ? POSITION_STAY : states_mail_finish(s);
}

const struct state state_verdict = {
	.name = "end of data",
	.activity = N_("waiting for the server's verdict on the message"),
	.ends_in_command = true,
	.timeout = TIMEOUT_FINAL,
	.want = SESSION_WRITE,
	.on_reply = final_reply,
};
