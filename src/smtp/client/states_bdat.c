/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The message by BDAT (RFC 3030): counted octets, no dots, and no waiting for
 * a 354.  MAIL, the recipients, BDAT and a small message leave in one flight.
 *
 * A large message is sent in several chunks, so that a refusal is noticed
 * before all of it was transferred.  Later chunks are sent without waiting for
 * the replies to earlier ones, as far as PIPELINING and CHUNKS_AHEAD allow.
 */
#include "base/i18n.h"
#include "smtp/client/session_private.h"
#include "smtp/client/unkept.h"
#include "smtp/command.h"

#include <assert.h>
#include <inttypes.h>

/* The first chunk is small, because it may turn out that there is no recipient (SESSION_FIRST_CHUNK).  Later ones are
 * so large that their commands do not matter.  32 of them fill the longest and fastest connections. */
#define CHUNK_LATER (1024u * 1024)
#define CHUNKS_AHEAD 32

/* Until the first chunk is sent it may turn out that there is no recipient. */
static bool nothing_sent(const struct session *s)
{
	return !s->submitted->bdat.last && s->submitted->bdat.unannounced == s->submitted->mail->size;
}

static enum send_decision bdat_ready(struct session *s, size_t arg)
{
	/* If it is refused the session ends, and then no part of the message may be on its way. */
	if (s->rset_pending && !s->submitted->transaction.ahead)
		return SEND_WAIT;
	/* A server that does not accept early commands may reset the connection, which can destroy its replies; then it
	 * would be unknown what it accepted. */
	if (s->pipeconnect.unconfirmed)
		return SEND_WAIT;
	/* Some servers that have refused all recipients read what follows BDAT as commands.  Only the first chunk was
	 * searched for such lines; the replies to the recipients are here before a chunk of its size is on its way. */
	if (!s->submitted->transaction.accepted && s->submitted->pending &&
	    (s->submitted->mail->command_lines || !nothing_sent(s)))
		return SEND_WAIT;
	if (nothing_sent(s))
		return states_mail_transfer_ready(s, arg);
	if (s->submitted->bdat.refused || s->submitted->transaction.mail_refused)
		return s->submitted->pending ? SEND_WAIT : SEND_SKIP;
	return s->submitted->bdat.pending < CHUNKS_AHEAD ? SEND_NOW : SEND_WAIT;
}

static bool bdat_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	struct bdat *b = &s->submitted->bdat;
	uint64_t limit = nothing_sent(s) ? SESSION_FIRST_CHUNK : CHUNK_LATER;
	(void)arg;
	(void)err;
	b->chunk_left = b->unannounced < limit ? b->unannounced : limit;
	b->unannounced -= b->chunk_left;
	b->last = !b->unannounced;
	b->answered = false;
	b->pending++;
	b->begun++;
	strbuf_addf(out, "BDAT %" PRIu64 "%s\r\n", b->chunk_left, b->last ? " LAST" : "");
	return true;
}

static struct position bdat_after(struct session *s, size_t arg)
{
	if (nothing_sent(s)) /* skipped: there is no recipient */
		return states_mail_transfer_skipped(s, arg);
	if (s->submitted->bdat.refused || s->submitted->transaction.mail_refused)
		return states_mail_finish(s);
	return POSITION(state_chunk);
}

/* No further chunk is sent.  The transaction ends here if no reply is pending and the sending side has nothing to do;
 * else it ends with the last reply, or in bdat_after(). */
static struct position stop_sending(struct session *s)
{
	s->submitted->bdat.refused = true;
	bool sending = session_ahead_is_sending(s) && s->next.state;
	return s->submitted->pending || sending ? POSITION_STAY : states_mail_finish(s);
}

/* Recipients were accepted, and BDAT is refused. */
static void refuses_bdat(struct session *s, const struct reply *reply)
{
	struct error err = ERROR_INIT;
	s->submitted->unkept |= CAP_CHUNKING;
	s->one_by_one = true;
	unkept_chunking_error(false, reply, &err);
	error_stage(&err, "BDAT");
	states_mail_failed(s, &err);
}

static struct position bdat_reply(struct session *s, size_t arg, const struct reply *reply)
{
	bool accepted = reply_class(reply) == 2;
	bool in_chunk = s->submitted->bdat.chunk_left && !s->submitted->pending;
	bool last = s->submitted->bdat.last && !s->submitted->pending;
	(void)arg;
	s->submitted->bdat.pending--;
	/* A refusal may come before the chunk is written in full; the server then discards the rest of it (RFC 3030
	 * section 2).  A success may not even start before. */
	if (reply_class(reply) == 3 || (s->incoming.in_chunk && accepted))
		return states_data_interrupted(s, reply);
	s->submitted->bdat.answered = in_chunk;
	if (!accepted) /* RFC 3030 section 2: a refused BDAT leaves the server in a state that only RSET ends */
		s->needs_rset = true;
	if (accepted && last && s->submitted->transaction.ahead && s->submitted->transaction.mail_refused)
		states_mail_contradicted(s, reply);
	if (s->submitted->transaction.mail_refused || !s->submitted->transaction.accepted || s->submitted->bdat.refused)
		return stop_sending(s);
	if (accepted && !last)
		return POSITION_STAY;
	if (unkept_is_command(reply))
		refuses_bdat(s, reply);
	else
		states_data_verdict(s, 0, reply);
	if (!accepted)
		return stop_sending(s);
	s->needs_rset = false;
	return states_mail_finish(s);
}

const struct state state_bdat = {
	.name = "BDAT",
	.activity = N_("waiting for the server's verdict on the message"),
	.ends_in_command = true,
	.timeout = TIMEOUT_FINAL,
	.want = SESSION_WRITE,
	.may_pipeline = true,
	.ready = bdat_ready,
	.build = bdat_build,
	.after = bdat_after,
	.on_reply = bdat_reply,
};

/* The octets of a chunk. */
const struct state state_chunk = {
	.name = "message",
	.activity = N_("sending the message"),
	.ends_in_command = true,
	.timeout = TIMEOUT_BLOCK,
	.want = SESSION_BODY,
};

bool states_bdat_in_chunk(const struct session *s)
{
	return s->next.state == &state_chunk;
}

bool states_bdat_under_way(const struct session *s)
{
	bool in_chunk = states_bdat_in_chunk(s);
	if (in_chunk && !flight_unwritten(&s->flight).len)
		return true;
	/* While the command of the first chunk is being written, none of the message has been sent. */
	return s->submitted->under_way && s->submitted->bdat.begun > (in_chunk ? 1 : 0) &&
	       !s->submitted->transaction.body_finished;
}

struct position states_bdat_wrote(struct session *s, size_t n)
{
	assert(n <= s->submitted->bdat.chunk_left);
	s->submitted->bdat.chunk_left -= n;
	if (s->submitted->bdat.chunk_left)
		return POSITION_STAY;
	if (!s->submitted->bdat.last || s->submitted->bdat.answered)
		return POSITION(state_bdat);
	s->submitted->transaction.body_finished = true;
	session_await_reply(s);
	return POSITION_STAY;
}
