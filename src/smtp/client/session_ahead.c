/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Messages sent ahead: the next one before the replies to those before are in (session_options.pipeline).
 *
 * RFC 2920 section 3.1 allows commands to follow the content of a message in the same group.  A message waits for the
 * earlier replies if it needs several transactions, or has recipients or content that the server's capabilities rule
 * out.  Nothing is sent ahead before the server has accepted one message in this session: one that does not know BDAT
 * although it offers it reads messages as commands, and its replies would be taken for replies to the wrong commands.
 *
 * A BDAT that fails leaves the transaction open, and only RSET ends it (RFC 3030 section 2).  So RSET comes before a
 * MAIL that is sent before the reply to BDAT.  Otherwise a server that refuses that MAIL as a nested one could take the
 * next message for the sender and recipients of the one before.
 */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "smtp/client/session_private.h"

#include <assert.h>

/* ---- the ring ---- */

struct submitted *session_ahead_number(const struct session *s, size_t number)
{
	return &s->ring[number % s->room];
}

static void forget(struct submitted *m)
{
	for (size_t i = 0; i < m->n; i++)
		outcome_release(&m->outcomes[i]);
	free(m->outcomes);
	rcpt_batch_release(&m->batch);
	error_release(&m->error);
	struct reply final_reply = m->final_reply; /* its memory is used again */
	size_t pending = m->pending;
	*m = (struct submitted){.error = ERROR_INIT, .batch = RCPT_BATCH_INIT, .final_reply = final_reply};
	m->pending = pending;
}

void session_ahead_init(struct session *s)
{
	s->room = s->options.pipeline > 1 ? s->options.pipeline : 1;
	s->submitted = s->ring = xcalloc(s->room, sizeof(*s->ring));
	for (size_t i = 0; i < s->room; i++)
		s->ring[i] = (struct submitted){.error = ERROR_INIT, .final_reply.text = STRBUF_INIT};
}

void session_ahead_release(struct session *s)
{
	for (size_t i = 0; i < s->room; i++) {
		forget(&s->ring[i]);
		reply_release(&s->ring[i].final_reply);
	}
	free(s->ring);
}

bool session_ahead_is_sending(const struct session *s)
{
	return s->submitted == session_ahead_number(s, s->begun - 1);
}

void session_ahead_begin(struct session *s)
{
	if (s->next.state == &state_ready) {
		while (s->shown < s->begun)
			forget(session_ahead_number(s, s->shown++));
		s->shown = s->begun = 0;
	}
	s->submitted = session_ahead_number(s, s->begun++);
}

void session_ahead_abandon(struct session *s, const struct error *err)
{
	struct submitted *sending = s->submitted;
	for (size_t k = s->shown; k < s->begun; k++) {
		s->submitted = session_ahead_number(s, k);
		if (s->submitted->mail && s->submitted->under_way)
			states_mail_abandon(s, err);
	}
	s->submitted = sending;
}

/* ---- a further message ---- */

bool session_has_written(const struct session *s)
{
	const struct submitted *m = s->submitted;
	return s->closed || !m->under_way || (!s->next.state && m->transaction.body_finished);
}

bool session_has_room(const struct session *s)
{
	const struct submitted *m = s->submitted;
	const struct caps *caps = &s->caps;
	if (s->closed || !m->under_way || !session_has_written(s) || s->begun - s->shown >= s->room)
		return false;
	return !rcpt_batch_waiting(&m->batch) && s->proven && !s->one_by_one && s->options.protocol == PROTOCOL_SMTP &&
	       caps_has(caps, CAP_PIPELINING) && !caps->rcpt_domain_max &&
	       !(caps->mail_max && s->transactions >= caps->mail_max);
}

static bool may_go_ahead(const struct session *s)
{
	const struct mail_transaction *mail = s->submitted->mail;
	return mail->partial == PARTIAL_DELIVER && !(s->caps.rcpt_max && mail->env->n > s->caps.rcpt_max) &&
	       states_mail_allowed(s);
}

static enum send_decision turn_ready(struct session *s, size_t arg)
{
	(void)arg;
	return session_pending(s) ? SEND_WAIT : SEND_SKIP;
}

static struct position turn_after(struct session *s, size_t arg)
{
	(void)arg;
	s->submitted->under_way = false;
	return states_mail_begin(s);
}

/* The message waits for the replies to those before. */
static const struct state state_turn = {
	.name = "MAIL",
	.activity = N_("waiting for the server's verdict on the message"),
	.timeout = TIMEOUT_FINAL,
	.want = SESSION_WRITE,
	.ready = turn_ready,
	.after = turn_after,
};

struct position session_ahead_submit(struct session *s)
{
	if (may_go_ahead(s))
		return states_mail_begin(s);
	s->submitted->under_way = true; /* its outcomes are open */
	return POSITION(state_turn);
}

bool session_ahead_needs_rset(const struct session *s)
{
	if (s->needs_rset || !s->submitted->transaction.ahead)
		return s->needs_rset;
	const struct submitted *before = session_ahead_number(s, s->begun - 2);
	return before->under_way && before->bdat.begun;
}

/* ---- the results, in order ---- */

bool session_answered(const struct session *s)
{
	return s->shown < s->begun && !session_ahead_number(s, s->shown)->under_way;
}

bool session_next_result(struct session *s)
{
	assert(session_answered(s));
	forget(session_ahead_number(s, s->shown++));
	return session_answered(s);
}
