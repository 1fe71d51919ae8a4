/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DATA and BDAT: taking the message, and the verdict. */
#include "sink_session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static noreturn void lost_inside(struct session *s)
{
	if (!s->scripted)
		log_violation(s->log, "connection ended inside the message, after %llu octets",
			      (unsigned long long)s->tx.wire);
	session_end(s, false);
}

/* Play what is due at this point of the body. */
static void play(struct session *s)
{
	const struct script *script = &s->opt->script;

	for (size_t i = 0; i < script->count; i++) {
		const struct script_rule *r = &script->rules[i];

		if (r->at != s->tx.wire)
			continue;
		log_note(s->log, "body:%llu", (unsigned long long)r->at);
		s->scripted = true;
		if (r->kind == SCRIPT_EARLY) {
			s->tx.answered_early = true;
			log_dialogue(s->log, 'S', r->text, r->text_len);
			buf_add(&s->conn->out, r->text, r->text_len);
			if (!r->text_len || r->text[r->text_len - 1] != '\n')
				buf_adds(&s->conn->out, "\r\n");
			conn_flush(s->conn);
		} else if (r->kind == SCRIPT_HANG) {
			conn_hang(s->conn);
			session_end(s, false);
		} else if (r->kind == SCRIPT_CLOSE) {
			session_end(s, false);
		}
	}
}

/* How many octets may pass before the next point at which something is due. */
static uint64_t next_point(const struct session *s)
{
	const struct script_rule *r = script_body(&s->opt->script, s->tx.wire + 1);

	return r ? r->at - s->tx.wire : UINT64_MAX;
}

/* Take the message from the connection: up to left octets, or for DATA up to its end. */
static void take(struct session *s, uint64_t left, bool keep)
{
	struct conn *c = s->conn;
	bool end = false;

	if (!s->tx.wire)
		play(s);
	while (!end && left) {
		uint64_t most = next_point(s);
		size_t n, taken;

		if (c->pos == c->end && !conn_fill(c))
			lost_inside(s);
		n = c->end - c->pos;
		if (n > left)
			n = (size_t)left;
		if (n > most)
			n = (size_t)most;
		taken = keep ? body_feed(&s->tx.body, c->in + c->pos, n, &end) : n;
		c->pos += taken;
		s->tx.wire += taken;
		if (s->tx.body.mode == BODY_BDAT || !keep)
			left -= taken;
		if (taken == most)
			play(s);
	}
}

static void judge_octets(struct session *s, const char *transfer)
{
	static const struct {
		unsigned fault;
		bool binary_may;
		const char *text;
	} rows[] = {
		{BODY_BARE_CR, true, "bare CR in the message"},
		{BODY_BARE_LF, true, "bare LF in the message"},
		{BODY_NUL, true, "NUL in the message"},
		{BODY_LONG_LINE, true, "line too long in the message"},
		{BODY_BAD_DOT, false, "a line's leading dot was not stuffed"},
		{BODY_NO_LAST_CRLF, true, "the message does not end in CRLF"},
	};
	const struct transaction *t = &s->tx;
	const struct body *b = &t->body;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (b->faults & rows[i].fault && !(rows[i].binary_may && t->params.body == BODY_BINARYMIME))
			log_violation(s->log, "%s: %s (longest line %zu)", transfer, rows[i].text, b->longest);
	if (b->faults & BODY_EIGHT_BIT && t->params.body < BODY_8BITMIME)
		log_violation(s->log, "%s: 8-bit octets in a message declared %s", transfer,
			      t->params.body == BODY_7BIT ? "BODY=7BIT" : "without BODY");
	if (t->params.has_size && t->params.size != b->size)
		log_violation(s->log, "%s: SIZE=%llu was declared, %llu octets came", transfer,
			      (unsigned long long)t->params.size, (unsigned long long)b->size);
}

static bool too_big(const struct session *s)
{
	unsigned long long most = extensions_number(&s->shown, "SIZE", NULL);

	return most && s->tx.body.size > most;
}

/* Store it; the number it got is in the reply. */
static bool keep_message(struct session *s, const char *transfer, unsigned *number)
{
	struct buf json = {0};
	bool good;

	*number = atomic_fetch_add(s->message_count, 1) + 1;
	if (s->store.dir)
		report_envelope(s, transfer, *number, &json);
	good = store_commit(&s->store, *number, &json);
	buf_release(&json);
	return good;
}

/* The reply, or in LMTP (RFC 2033 4.2) one for each recipient that was accepted. */
static void finish(struct session *s, const char *transfer)
{
	struct transaction *t = &s->tx;
	size_t replies = s->opt->lmtp ? t->accepted : 1;
	struct answer *answers = mem_alloc(replies * sizeof *answers);
	const char **who = mem_alloc(replies * sizeof *who);
	const char *stage = "eod";
	bool any = false, big = too_big(s);
	unsigned number = 0;
	char text[64];

	judge_octets(s, transfer);
	log_note(s->log, "%llu octets by %s", (unsigned long long)t->body.size, transfer);
	if (t->bdat && !script_find(&s->opt->script, SCRIPT_REPLY, "eod", NULL) &&
	    script_find(&s->opt->script, SCRIPT_REPLY, "bdat", NULL))
		stage = "bdat";
	for (size_t i = 0, k = 0; k < replies; i++) {
		if (s->opt->lmtp && t->rcpt[i].code / 100 != 2)
			continue;
		who[k] = s->opt->lmtp ? t->rcpt[i].address : NULL;
		answers[k] = session_choose(s, stage, who[k], big ? 552 : 250);
		if (s->opt->lmtp)
			t->rcpt[i].code = answers[k].code;
		any = any || answers[k].code / 100 == 2;
		k++;
	}
	if (any && !t->answered_early && !keep_message(s, transfer, &number)) {
		for (size_t k = 0; k < replies; k++)
			answers[k] = (struct answer){.code = 451};
	}
	snprintf(text, sizeof text, number ? "stored as %04u" : "not taken", number);
	for (size_t k = 0; k < replies && !t->answered_early; k++)
		session_send(s, stage, who[k], answers[k],
			     answers[k].code == 250   ? "2.0.0"
			     : answers[k].code == 552 ? "5.3.4"
						      : "4.3.0",
			     text);
	big = t->bdat && !any;
	session_reset(s);
	s->tx.bdat_failed = big;
	free(answers);
	free(who);
}

/* Is there something to transfer?  Returns the complaint, *blame says whether the client should have known. */
static const char *transfer_fault(const struct session *s, bool *blame)
{
	const struct transaction *t = &s->tx;

	*blame = !t->mail_refused && !t->bdat_failed;
	if (!t->open)
		return "no transaction";
	*blame = !t->rcpt_refused;
	return t->accepted ? NULL : "no recipient";
}

void command_data(struct session *s, const char *arg)
{
	bool blame;
	const char *wrong = transfer_fault(s, &blame);
	int code = 503;

	if (wrong && s->tx.open && !blame)
		code = 554;
	if (*arg)
		wrong = "DATA takes no argument", blame = true, code = 501;
	else if (!wrong && s->tx.bdat)
		wrong = "DATA after BDAT", blame = true;
	else if (!wrong && s->tx.params.body == BODY_BINARYMIME)
		wrong = "DATA for BODY=BINARYMIME", blame = true;
	if (wrong) {
		if (blame)
			session_blame(s, wrong);
		session_reply(s, "data", NULL, code, "5.5.1", wrong);
		return;
	}
	if (session_reply(s, "data", NULL, 354, NULL, "end with a dot") / 100 != 3)
		return;
	body_init(&s->tx.body, BODY_DATA, s->opt->max_line, store_add, &s->store);
	take(s, UINT64_MAX, true);
	if (!session_shows(s, "PIPELINING"))
		session_sync(s, "the message");
	finish(s, "DATA");
}

/* BDAT SP chunk-size [SP LAST]; returns the complaint. */
static const char *parse_bdat(const char *arg, uint64_t *size, bool *last)
{
	char *end;

	*last = false;
	*size = 0;
	if (*arg < '0' || *arg > '9')
		return "BDAT wants a size";
	errno = 0;
	*size = strtoull(arg, &end, 10);
	if (errno)
		return "BDAT size too large";
	*last = !strcasecmp(end, " LAST");
	return *end && !*last ? "only LAST may follow the size of BDAT" : NULL;
}

static void refuse_chunk(struct session *s, uint64_t size, const char *why, bool blame)
{
	if (blame)
		session_blame(s, why);
	/* RFC 3030 section 2: the octets follow, whatever we say; so swallow them. */
	take(s, size, false);
	session_reply(s, "bdat", NULL, 503, "5.5.1", why);
	s->tx.bdat_failed = s->tx.bdat_failed || s->tx.open || s->tx.mail_refused;
}

static void accept_chunk(struct session *s, uint64_t size, bool last)
{
	struct transaction *t = &s->tx;

	if (!t->bdat)
		body_init(&t->body, BODY_BDAT, s->opt->max_line, store_add, &s->store);
	t->bdat = true;
	t->chunks = mem_grow(t->chunks, (t->chunk_count + 1) * sizeof *t->chunks);
	t->chunks[t->chunk_count++] = size;
	take(s, size, true);
	if (!session_shows(s, "PIPELINING"))
		session_sync(s, "BDAT");
	if (last) {
		body_finish(&t->body);
		finish(s, "BDAT");
	} else if (session_reply(s, "bdat", NULL, 250, "2.0.0", "chunk taken") / 100 != 2) {
		t->bdat_failed = true;
	}
}

void command_bdat(struct session *s, const char *arg)
{
	uint64_t size;
	bool last, blame;
	const char *wrong = parse_bdat(arg, &size, &last);

	if (wrong) {
		/* Where the next command begins cannot be known. */
		session_blame(s, wrong);
		session_reply(s, "bdat", NULL, 501, "5.5.4", wrong);
		session_end(s, true);
	}
	wrong = transfer_fault(s, &blame);
	if (!session_shows(s, "CHUNKING"))
		wrong = "BDAT was not advertised", blame = true;
	else if (s->tx.bdat_failed)
		wrong = "an earlier BDAT failed", blame = false;
	if (wrong)
		refuse_chunk(s, size, wrong, blame);
	else
		accept_chunk(s, size, last);
}
