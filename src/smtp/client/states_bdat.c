/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The message by BDAT (RFC 3030): counted octets, no dots, and no wait for a
 * 354.  MAIL, the recipients, BDAT and a whole small message make one flight.
 *
 * A large message goes in several chunks, so that a refusal is noticed before
 * all of it was carried over; later chunks are sent without waiting for the
 * answers to earlier ones, as far as PIPELINING and CHUNKS_AHEAD allow.
 */
#include "base/i18n.h"
#include "smtp/command.h"
#include "smtp/client/session_private.h"

#include <assert.h>
#include <inttypes.h>

/* The first chunk may be for nobody, so it is small; later ones are large enough
 * that their headers do not count.  Together they cover the longest pipes. */
#define CHUNK_FIRST (256u * 1024)
#define CHUNK_LATER (1024u * 1024)
#define CHUNKS_AHEAD 32

/* The first chunk decides whether there is anything to send for. */
static bool nothing_sent(const struct session *s)
{
	return !s->chunk_last && s->bdat_left == s->sub->size;
}

static enum state_ready bdat_ready(struct session *s, size_t arg)
{
	if (s->rset_due) /* refused, it ends the session: no message may be on its way then */
		return ROW_WAIT;
	if (s->early) /* a reset may eat the words of a server that will have none of it, and nobody knew what it took
		       */
		return ROW_WAIT;
	if (nothing_sent(s))
		return states_mail_transfer_ready(s, arg);
	if (s->chunk_refused || s->mail_refused)
		return session_due(s) ? ROW_WAIT : ROW_SKIP;
	return s->chunks_out < CHUNKS_AHEAD ? ROW_SEND : ROW_WAIT;
}

static bool bdat_build(struct session *s, size_t arg, struct strbuf *out, struct error *err)
{
	(void)arg;
	(void)err;
	uint64_t limit = nothing_sent(s) ? CHUNK_FIRST : CHUNK_LATER;
	s->chunk_left = s->bdat_left < limit ? s->bdat_left : limit;
	s->bdat_left -= s->chunk_left;
	s->chunk_last = !s->bdat_left;
	s->chunk_answered = false;
	s->chunks_out++;
	s->chunks_begun++;
	strbuf_addf(out, "BDAT %" PRIu64 "%s\r\n", s->chunk_left, s->chunk_last ? " LAST" : "");
	return true;
}

static struct position bdat_after(struct session *s, size_t arg)
{
	if (nothing_sent(s)) /* left out: nobody is there to receive it */
		return states_mail_transfer_skipped(s, arg);
	if (s->chunk_refused || s->mail_refused)
		return states_mail_finish(s);
	return PLACE(state_chunk);
}

/* All that was sent ahead is answered, and no chunk is under way: the end.
 * Else the rows still to come find out by themselves. */
static struct position over(struct session *s)
{
	s->chunk_refused = true;
	return session_due(s) || s->next.row ? PLACE_STAY : states_mail_finish(s);
}

static struct position bdat_reply(struct session *s, size_t arg, const struct reply *reply)
{
	(void)arg;
	bool under_way = s->chunk_left && !session_due(s);
	bool last = s->chunk_last && !session_due(s);
	s->chunks_out--;
	/* A refusal may come early, and the rest of the chunk is then discarded by
	 * the server (RFC 3030 section 2); success may not even begin early. */
	if (reply_class(reply) == 3 || (s->reply_in_chunk && reply_class(reply) == 2))
		return states_data_early_reply(s, reply);
	s->chunk_answered = under_way;
	if (reply_class(reply) != 2)
		s->needs_rset =
			true; /* RFC 3030 section 2: a failed BDAT leaves the server in a state only RSET clears */
	if (s->mail_refused || !s->accepted || s->chunk_refused)
		return over(s);
	if (reply_class(reply) == 2 && !last)
		return PLACE_STAY;
	states_data_verdict(s, 0, reply);
	if (reply_class(reply) != 2)
		return over(s);
	s->needs_rset = false;
	return states_mail_finish(s);
}

const struct state state_bdat = {
	.name = "BDAT",
	.doing = N_("waiting for the server's verdict on the message"),
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
	.doing = N_("sending the message"),
	.timeout = TIMEOUT_BLOCK,
	.want = SESSION_BODY,
};

bool states_bdat_in_chunk(const struct session *s)
{
	return s->next.row == &state_chunk;
}

bool states_bdat_under_way(const struct session *s)
{
	if (states_bdat_in_chunk(s) && s->out_sent == s->out.len)
		return true;
	/* the command of a chunk that is not the first */
	return s->in_transaction && s->chunks_begun > (states_bdat_in_chunk(s) ? 1 : 0) && !s->body_finished;
}

struct position states_bdat_wrote(struct session *s, size_t n)
{
	assert(n <= s->chunk_left);
	s->chunk_left -= n;
	if (s->chunk_left)
		return PLACE_STAY;
	if (!s->chunk_last || s->chunk_answered)
		return PLACE(state_bdat);
	s->body_finished = true;
	s->next = PLACE_STAY; /* the verdict decides */
	return PLACE_STAY;
}
