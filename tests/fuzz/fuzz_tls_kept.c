/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A TLS session that is continued.  Whatever the state contains, it is refused, or exported again as it was.  Whatever
 * the other end says with the right keys, and whatever somebody without them adds: only text of its records is read, in
 * their order; what was added or taken away ends the session; the end is proper only after a close_notify; nothing
 * depends on the portions in which the octets come.
 *
 * The input: a line of letters, then lines for the other end, or a state.
 *	0 to 9		the version and cipher
 *	s		what follows is a state without its checksum, as it is or as "\xHH"
 * A line for the other end is a letter and octets, as they are or as "\xHH": d data, h handshake, a alert, p the type
 * is in the octets (TLS 1.3: with padding), l a record that is lost, r octets of somebody else.
 */
#include "fuzz.h"

#include "../unit/kept_state.h"
#include "tls/tls_kept.h"
#include "tls/tls_records.h"

static const struct kept_state rows[] = {KEPT_STATE(0x0304, 1, 16, 12),	 KEPT_STATE(0x0304, 2, 32, 12),
					 KEPT_STATE(0x0304, 3, 16, 12),	 KEPT_STATE(0x0304, 4, 32, 12),
					 KEPT_STATE(0x0304, 29, 32, 12), KEPT_STATE(0x0303, 1, 16, 4),
					 KEPT_STATE(0x0303, 2, 32, 4),	 KEPT_STATE(0x0303, 3, 16, 4),
					 KEPT_STATE(0x0303, 4, 32, 4),	 KEPT_STATE(0x0303, 29, 32, 12)};

/* ---- states ---- */

static void try_state(struct span octets)
{
	AUTO(strbuf) state = STRBUF_INIT;
	AUTO(strbuf) again = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	fuzz_unescape(octets, &state);
	kept_state_seal(&state);
	AUTO_PTR(stream) lower = stream_mem_new(SPAN_LIT(""), 1, NULL);
	AUTO_PTR(stream) tls = tls_kept_import(strbuf_span(&state), &lower, &err);
	fuzz_must_agree(tls, &err);
	MUST(!tls == !!lower);
	if (!tls)
		return;
	MUST(tls_kept_export(tls, &again));
	MUST(span_equal(strbuf_span(&state), strbuf_span(&again)));
}

/* ---- records ---- */

struct script {
	struct strbuf octets, text; /* what comes; the data in it, as long as nothing is wrong */
	bool wrong, goodbye;
};

static void script_release(struct script *s)
{
	strbuf_release(&s->octets);
	strbuf_release(&s->text);
}

static void add_text(struct script *s, struct span text)
{
	if (!s->wrong)
		strbuf_add_span(&s->text, text);
}

/* In TLS 1.3 record type 0 continues the padding. */
static void add_padded(struct script *s, const struct tls_records *peer, struct span text)
{
	while (text.len && !text.ptr[text.len - 1])
		text.len--;
	if (!peer->modern || !text.len)
		s->wrong = true;
	else if (text.ptr[text.len - 1] == TLS_RECORD_DATA)
		add_text(s, span_sub(text, 0, text.len - 1));
	else
		s->goodbye |= text.ptr[text.len - 1] == TLS_RECORD_ALERT;
}

static void say(struct script *s, struct tls_records *peer, char letter, struct span text)
{
	static const char letters[] = "dhapl";
	static const unsigned types[] = {TLS_RECORD_DATA, TLS_RECORD_HANDSHAKE, TLS_RECORD_ALERT, 0, TLS_RECORD_DATA};
	const char *hit = letter ? strchr(letters, letter) : NULL;
	size_t before = s->octets.len;
	if (!text.len || (!hit && letter != 'r'))
		return;
	if (letter == 'r') {
		strbuf_add_span(&s->octets, text);
		s->wrong = true;
		return;
	}
	MUST(tls_records_seal(peer, types[hit - letters], text.ptr, text.len, &s->octets) == 0);
	if (letter == 'd')
		add_text(s, text);
	if (letter == 'p')
		add_padded(s, peer, text);
	s->goodbye |= letter == 'a' && !s->wrong;
	if (letter == 'l') {
		strbuf_setlen(&s->octets, before);
		s->wrong = true;
	}
}

static void script_make(struct script *s, const struct kept_state *row, struct span lines)
{
	AUTO(tls_records) peer = TLS_RECORDS_INIT;
	AUTO(strbuf) state = STRBUF_INIT;
	struct kept_state other = *row;
	struct span unread, line;
	*s = (struct script){.octets = STRBUF_INIT, .text = STRBUF_INIT};
	other.server = true;
	kept_state_make(&other, &state);
	MUST(tls_records_load(&peer, strbuf_span(&state), &unread) == 0);
	peer.longest = 20000; /* it may break the rules */
	while (fuzz_line(&lines, &line)) {
		AUTO(strbuf) text = STRBUF_INIT;
		if (!line.len)
			continue;
		fuzz_unescape(span_sub(line, 1, line.len), &text);
		if (text.len <= peer.longest)
			say(s, &peer, line.ptr[0], strbuf_span(&text));
	}
}

struct outcome {
	enum stream_result result;
	struct strbuf text, sent;
};

static void outcome_release(struct outcome *o)
{
	strbuf_release(&o->text);
	strbuf_release(&o->sent);
}

static void play(struct outcome *o, const struct kept_state *row, struct span octets, size_t chunk)
{
	AUTO(strbuf) state = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	char buf[100];
	size_t got = 0;
	*o = (struct outcome){.text = STRBUF_INIT, .sent = STRBUF_INIT};
	kept_state_make(row, &state);
	AUTO_PTR(stream) lower = stream_mem_new(octets, chunk, &o->sent);
	AUTO_PTR(stream) tls = tls_kept_import(strbuf_span(&state), &lower, &err);
	MUST(tls);
	while ((o->result = stream_read(tls, buf, sizeof(buf), &got, &err)) == STREAM_OK) {
		MUST(got >= 1 && got <= sizeof(buf));
		strbuf_add(&o->text, buf, got);
	}
	MUST(o->result != STREAM_AGAIN);
	fuzz_must_agree(o->result == STREAM_END, &err);
	MUST(o->result == STREAM_END || fuzz_is_clean(span_of(err.status.text)));
	strbuf_reset(&state);
	MUST(!tls_kept_export(tls, &state) && !state.len);
}

static bool begins(const struct strbuf *text, const struct strbuf *with)
{
	return with->len <= text->len && memcmp(text->buf, with->buf, with->len) == 0;
}

static void try_records(const struct kept_state *row, struct span lines)
{
	AUTO(script) script;
	AUTO(outcome) whole;
	AUTO(outcome) parts;
	script_make(&script, row, lines);
	play(&whole, row, strbuf_span(&script.octets), SIZE_MAX);
	play(&parts, row, strbuf_span(&script.octets), 1);
	MUST(whole.result == parts.result);
	MUST(span_equal(strbuf_span(&whole.text), strbuf_span(&parts.text)));
	/* what a reader has to answer is not sent any more if the next record ends the session */
	MUST(begins(&parts.sent, &whole.sent) && (whole.result == STREAM_FAIL || whole.sent.len == parts.sent.len));
	MUST(whole.result != STREAM_END || script.goodbye);
	MUST(begins(&script.text, &whole.text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make((const char *)data, size), letters = {"", 0};
	const struct kept_state *row = &rows[0];
	bool is_state = false;
	(void)fuzz_line(&rest, &letters);
	for (size_t i = 0; i < letters.len; i++) {
		is_state |= letters.ptr[i] == 's';
		if (ascii_isdigit(letters.ptr[i]))
			row = &rows[letters.ptr[i] - '0'];
	}
	if (is_state)
		try_state(rest);
	else
		try_records(row, rest);
	return 0;
}
