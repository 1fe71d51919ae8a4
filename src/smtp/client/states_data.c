/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The message by DATA (RFC 5321 section 4.1.1.4), and the verdict on it. */
#include "base/i18n.h"
#include "smtp/command.h"
#include "smtp/client/session_private.h"

#include <assert.h>

static const struct state state_body, state_lone_dot, state_lone_dot_lmtp;

static bool data_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)s;
	(void)arg;
	return command_simple(out, "DATA", NULL, err);
}

/* All or none also later: where the others were only put off, these wait with them. */
static struct position data_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	bool nobody = s->mail_refused || !s->accepted;
	if (reply->code == 354) {
		if (nobody) /* RFC 2920 section 3.1: end it at once */
			return s->options.protocol == PROTOCOL_LMTP ? PLACE(state_lone_dot_lmtp)
								    : PLACE(state_lone_dot);
		s->body_running = true;
		return PLACE(state_body);
	}
	if (nobody)
		return states_mail_finish(s);
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_DATA, reply, &err);
	error_stage(&err, "DATA");
	if (err.status.kind == ERROR_PROTOCOL)
		return session_fail(s, &err, false);
	states_mail_failed(s, &err);
	return states_mail_finish(s);
}

const struct state state_data = {
	.name = "DATA",
	.doing = N_("announcing the message"),
	.timeout = TIMEOUT_DATA,
	.want = SESSION_WRITE,
	.ready = states_mail_transfer_ready,
	.build = data_build,
	.after = states_mail_transfer_skipped,
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

static struct position lone_dot_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	(void)reply; /* nobody receives: whatever it says */
	s->needs_rset = false;
	return states_mail_finish(s);
}

static const struct state state_lone_dot = {
	.name = "end of data",
	.doing = N_("ending the transaction"),
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

/* LMTP answers once per accepted recipient (RFC 2033 section 4.2): not at all. */
static const struct state state_lone_dot_lmtp = {
	.name = "end of data",
	.doing = N_("ending the transaction"),
	.timeout = TIMEOUT_FINAL,
	.want = SESSION_WRITE,
	.build = lone_dot_build,
	.after = lone_dot_after,
};

/* ---- the message and the verdict ---- */

static const struct state state_body = {
	.name = "message",
	.doing = N_("sending the message"),
	.timeout = TIMEOUT_BLOCK,
	.want = SESSION_BODY,
};

void session_body_done(struct session *s)
{
	if (s->next.row != &state_body || s->closed)
		return; /* the server stopped us meanwhile */
	s->body_running = false;
	s->body_finished = true;
	s->next = PLACE_STAY;
	if (s->options.protocol != PROTOCOL_LMTP) {
		session_expect(s, &state_verdict, 0);
		return;
	}
	/* RFC 2033 section 4.2: a verdict for each accepted recipient, in order. */
	for (size_t p = states_mail_next_open(s, s->split.first); p < s->split.next;
	     p = states_mail_next_open(s, p + 1))
		session_expect(s, &state_verdict, p);
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

/* RFC 2033 section 4.2: about this one. */
static void verdict_of_one(struct session *s, size_t position, const struct reply *reply)
{
	size_t i = rcpt_batch_recipient(&s->split, position);
	struct outcome *o = &s->outcomes[i];
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

void states_data_verdict(struct session *s, size_t position, const struct reply *reply)
{
	if (s->options.protocol == PROTOCOL_LMTP) {
		verdict_of_one(s, position, reply);
		return;
	}
	if (reply_class(reply) == 2) {
		states_mail_keep_final(s, reply);
		for (size_t p = states_mail_next_open(s, s->split.first); p < s->split.next;
		     p = states_mail_next_open(s, p + 1))
			outcome_accept(&s->outcomes[rcpt_batch_recipient(&s->split, p)], reply);
		return;
	}
	/* The message is refused: those who wait for a later transaction would hear the same. */
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_FINAL, reply, &err);
	error_stage(&err, "%s", state_verdict.name);
	states_mail_failed(s, &err);
}

static struct position final_reply(struct session *s, size_t position, const struct reply *reply)
{
	if (reply_class(reply) == 3) {
		struct error err = ERROR_INIT;
		reply_policy_error(STAGE_FINAL, reply, &err);
		return session_fail(s, &err, false);
	}
	states_data_verdict(s, position, reply);
	s->needs_rset = false; /* the transaction is over whatever the verdict (RFC 5321 section 4.1.1.4) */
	return session_due(s) ? PLACE_STAY : states_mail_finish(s);
}

const struct state state_verdict = {
	.name = "end of data",
	.doing = N_("waiting for the server's verdict on the message"),
	.timeout = TIMEOUT_FINAL,
	.want = SESSION_WRITE,
	.on_reply = final_reply,
};

struct position states_data_early_reply(struct session *s, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	reply_policy_error(STAGE_FINAL, reply, &err);
	if (err.status.kind == ERROR_PROTOCOL)
		(void)error_set(&err, ERROR_PROTOCOL, _("the server answered %d before the message was complete"),
				reply->code);
	error_stage(&err, "%s", state_body.name);
	/* The data cannot be ended without completing the message: hang up. */
	return session_fail(s, &err, false);
}
