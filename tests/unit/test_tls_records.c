/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records and states that no server of ours sends: the kept stream against a peer that knows its keys. */
#include "base/xalloc.h"
#include "kept_state.h"
#include "tls/tls_kept.h"
#include "tls/tls_records.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct kept_state rows[] = {KEPT_STATE(0x0304, 1, 16, 12),	 KEPT_STATE(0x0304, 2, 32, 12),
					 KEPT_STATE(0x0304, 3, 16, 12),	 KEPT_STATE(0x0304, 4, 32, 12),
					 KEPT_STATE(0x0304, 29, 32, 12), KEPT_STATE(0x0303, 1, 16, 4),
					 KEPT_STATE(0x0303, 2, 32, 4),	 KEPT_STATE(0x0303, 3, 16, 4),
					 KEPT_STATE(0x0303, 4, 32, 4),	 KEPT_STATE(0x0303, 29, 32, 12)};
static const struct kept_state *const modern = &rows[0], *const old = &rows[5];

/* ---- the two ends ---- */

static void peer_begin(struct tls_records *peer, const struct kept_state *row)
{
	struct kept_state other = *row;
	AUTO(strbuf) state = STRBUF_INIT;
	struct span unread;
	other.server = true;
	other.out = row->in;
	other.in = row->out;
	other.unread = SPAN_LIT("");
	*peer = TLS_RECORDS_INIT;
	kept_state_make(&other, &state);
	assert_int_equal(tls_records_load(peer, strbuf_span(&state), &unread), 0);
	peer->longest = 65000 - 16384; /* it may break the rules */
}

static void say(struct tls_records *peer, unsigned type, struct span text, struct strbuf *script)
{
	assert_int_equal(tls_records_seal(peer, type, text.ptr, text.len, script), 0);
}

static struct stream *client_on(const struct kept_state *row, struct stream *lower)
{
	AUTO(strbuf) state = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	kept_state_make(row, &state);
	struct stream *tls = tls_kept_import(strbuf_span(&state), &lower, &err);
	assert_non_null(tls);
	assert_null(lower);
	assert_int_equal(err.status.kind, ERROR_NONE);
	return tls;
}

static struct stream *client(const struct kept_state *row, const struct strbuf *script, size_t chunk,
			     struct strbuf *sink)
{
	return client_on(row, stream_mem_new(script ? strbuf_span(script) : SPAN_LIT(""), chunk, sink));
}

/* Reads until something other than text comes. */
static enum stream_result read_all(struct stream *tls, size_t room, struct strbuf *text, struct error *err)
{
	AUTO_FREE char *buf = xmalloc(room);
	size_t got = 0;
	enum stream_result r;
	while ((r = stream_read(tls, buf, room, &got, err)) == STREAM_OK) {
		assert_in_range(got, 1, room);
		strbuf_add(text, buf, got);
	}
	return r;
}

/* What the peer finds in the octets a client has sent; the texts joined, with the types between them. */
static void hear(struct tls_records *peer, struct strbuf *sink, struct strbuf *heard)
{
	size_t at = 0;
	while (at < sink->len) {
		size_t len;
		struct tls_record record;
		assert_int_equal(tls_records_length(peer, span_sub(strbuf_span(sink), at, sink->len), &len), 0);
		assert_true(len <= sink->len - at);
		assert_int_equal(tls_records_open(peer, (unsigned char *)sink->buf + at, len, &record), 0);
		if (record.type != TLS_RECORD_DATA)
			strbuf_addf(heard, "<%u>", record.type);
		strbuf_add_span(heard, record.text);
		at += len;
	}
}

/* The client reads these records: what it got and how it ended. */
static enum stream_result listen_to(const struct kept_state *row, const struct strbuf *script, struct strbuf *text,
				    struct error *err)
{
	AUTO_PTR(stream) tls = client(row, script, SIZE_MAX, NULL);
	enum stream_result r = read_all(tls, 100, text, err);
	char c;
	size_t got;
	if (r == STREAM_FAIL) { /* it stays so, and only the first failure says why */
		AUTO(strbuf) state = STRBUF_INIT;
		assert_int_equal(err->status.kind, ERROR_CONNECTION_LOST);
		assert_int_equal(stream_read(tls, &c, 1, &got, NULL), STREAM_FAIL);
		assert_int_equal(stream_write(tls, "x", 1, &got, NULL), STREAM_FAIL);
		assert_false(tls_kept_export(tls, &state));
		assert_int_equal(state.len, 0);
	}
	return r;
}

#define GOODBYE SPAN_LIT("\x01\0")

/* ---- what is right ---- */

static void every_cipher_goes_both_ways_in_any_portions(void **state)
{
	(void)state;
	static const size_t chunks[] = {1, 7, 1000, SIZE_MAX};
	for (size_t i = 0; i < ARRAY_SIZE(rows) * ARRAY_SIZE(chunks); i++) {
		const struct kept_state *row = &rows[i / ARRAY_SIZE(chunks)];
		AUTO(tls_records) peer;
		AUTO(strbuf) script = STRBUF_INIT;
		AUTO(strbuf) sink = STRBUF_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(strbuf) heard = STRBUF_INIT;
		char big[16384];
		memset(big, 'b', sizeof(big));
		peer_begin(&peer, row);
		say(&peer, TLS_RECORD_DATA, SPAN_LIT("250 "), &script);
		say(&peer, TLS_RECORD_DATA, span_make(big, sizeof(big)), &script);
		say(&peer, TLS_RECORD_DATA, SPAN_LIT("ok\r\n"), &script);
		say(&peer, TLS_RECORD_ALERT, GOODBYE, &script);
		AUTO_PTR(stream) tls = client(row, &script, chunks[i % ARRAY_SIZE(chunks)], &sink);
		assert_true(stream_write_all(tls, "one", 3, &clock_system, DEADLINE_NEVER, NULL));
		assert_int_equal(read_all(tls, 333, &text, NULL), STREAM_END);
		assert_int_equal(text.len, 4 + sizeof(big) + 4);
		assert_memory_equal(text.buf, "250 bbb", 7);
		assert_string_equal(text.buf + 4 + sizeof(big), "ok\r\n");
		assert_true(stream_write_all(tls, "two", 3, &clock_system, DEADLINE_NEVER, NULL));
		stream_finish(tls);
		hear(&peer, &sink, &heard);
		assert_int_equal(heard.len, 6 + 4 + 2);
		assert_memory_equal(heard.buf, "onetwo<21>\x01\0", heard.len);
	}
}

static void records_are_no_longer_than_the_peer_allows(void **state)
{
	(void)state;
	struct kept_state row = *modern;
	AUTO(tls_records) peer;
	AUTO(strbuf) sink = STRBUF_INIT;
	AUTO(strbuf) heard = STRBUF_INIT;
	char big[1000];
	memset(big, 'b', sizeof(big));
	row.longest = 300;
	peer_begin(&peer, &row);
	AUTO_PTR(stream) tls = client(&row, NULL, SIZE_MAX, &sink);
	assert_true(stream_write_all(tls, big, sizeof(big), &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(sink.len, sizeof(big) + 4 * (5 + 1 + 16));
	assert_int_equal((unsigned char)sink.buf[3] * 256 + (unsigned char)sink.buf[4], 300 + 1 + 16);
	hear(&peer, &sink, &heard);
	assert_int_equal(heard.len, sizeof(big));
}

static void padding_is_removed(void **state)
{
	(void)state;
	AUTO(tls_records) peer;
	AUTO(strbuf) script = STRBUF_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	peer_begin(&peer, modern);
	/* type 0 is one more octet of padding after the type that is written here */
	say(&peer, 0, SPAN_LIT("hello\x17\0\0\0"), &script);
	say(&peer, 0, SPAN_LIT("\x17"), &script); /* an empty record */
	say(&peer, 0, SPAN_LIT("\0\0!\x17"), &script);
	say(&peer, 0, SPAN_LIT("\0\0"), &script); /* nothing else: not allowed */
	assert_int_equal(listen_to(modern, &script, &text, &err), STREAM_FAIL);
	assert_int_equal(text.len, 8);
	assert_memory_equal(text.buf, "hello\0\0!", 8);
}

static void the_last_words_leave_with_the_goodbye(void **state)
{
	(void)state;
	AUTO(tls_records) peer;
	AUTO(strbuf) sink = STRBUF_INIT;
	AUTO(strbuf) heard = STRBUF_INIT;
	peer_begin(&peer, modern);
	AUTO_PTR(stream) tls = client(modern, NULL, SIZE_MAX, &sink);
	tls->last_words = true;
	assert_true(stream_write_all(tls, "QUIT\r\n", 6, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(sink.len, 0);
	stream_finish(tls);
	hear(&peer, &sink, &heard);
	assert_memory_equal(heard.buf, "QUIT\r\n<21>\x01\0", 12);
}

/* ---- records without data ---- */

#define TICKET "\x04\0\0\x03tic"

static void tickets_are_ignored(void **state)
{
	(void)state;
	AUTO(tls_records) peer;
	AUTO(strbuf) script = STRBUF_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	peer_begin(&peer, modern);
	say(&peer, TLS_RECORD_HANDSHAKE, SPAN_LIT(TICKET), &script);
	say(&peer, TLS_RECORD_DATA, SPAN_LIT("a"), &script);
	say(&peer, TLS_RECORD_HANDSHAKE, SPAN_LIT(TICKET TICKET "\x04\0\0\0" TICKET), &script);
	say(&peer, TLS_RECORD_DATA, SPAN_LIT("b"), &script);
	for (size_t i = 0; i < sizeof(TICKET) - 1; i++)
		say(&peer, TLS_RECORD_HANDSHAKE, span_make(&TICKET[i], 1), &script);
	say(&peer, TLS_RECORD_DATA, SPAN_LIT("c"), &script);
	say(&peer, TLS_RECORD_ALERT, GOODBYE, &script);
	assert_int_equal(listen_to(modern, &script, &text, NULL), STREAM_END);
	assert_string_equal(text.buf, "abc");
}

static void a_request_to_renegotiate_is_declined(void **state)
{
	(void)state;
	AUTO(tls_records) peer;
	AUTO(strbuf) script = STRBUF_INIT;
	AUTO(strbuf) sink = STRBUF_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(strbuf) heard = STRBUF_INIT;
	peer_begin(&peer, old);
	say(&peer, TLS_RECORD_HANDSHAKE, SPAN_LIT("\0\0\0\0"), &script);
	say(&peer, TLS_RECORD_ALERT, SPAN_LIT("\x01\x5a"), &script); /* a warning */
	say(&peer, TLS_RECORD_DATA, SPAN_LIT("a"), &script);
	say(&peer, TLS_RECORD_ALERT, GOODBYE, &script);
	AUTO_PTR(stream) tls = client(old, &script, SIZE_MAX, &sink);
	assert_int_equal(read_all(tls, 10, &text, NULL), STREAM_END);
	assert_string_equal(text.buf, "a");
	hear(&peer, &sink, &heard);
	assert_string_equal(heard.buf, "<21>\x01\x64");
}

static void what_ends_a_session_is_named(void **state)
{
	(void)state;
	static const struct {
		const struct kept_state *row;
		unsigned type;
		struct span text;
		const char *says;
	} cases[] = {
		{&rows[0], TLS_RECORD_HANDSHAKE, {"\x18\0\0\x01\0", 5}, "changed its TLS keys"},
		{&rows[0], TLS_RECORD_HANDSHAKE, {TICKET "\x18\0\0\x01\x01", 12}, "changed its TLS keys"},
		{&rows[0],
		 TLS_RECORD_HANDSHAKE,
		 {"\x0d\0\0\0", 4},
		 "receiving over TLS failed"},				 /* CertificateRequest */
		{&rows[0], 0, {"\x16", 1}, "receiving over TLS failed"}, /* an empty one */
		{&rows[0], TLS_RECORD_ALERT, {"\x02\x28", 2}, "\"Handshake failed\" (40)"},
		{&rows[0], TLS_RECORD_ALERT, {"\x01\x28", 2}, "\"Handshake failed\" (40)"}, /* whatever its level */
		{&rows[0], TLS_RECORD_ALERT, {"\x02\xee", 2}, "alert \"?\" (238)"},
		{&rows[0], TLS_RECORD_ALERT, {"\x02", 1}, "receiving over TLS failed"},
		{&rows[0], TLS_RECORD_ALERT, {"\x01\0\0", 3}, "receiving over TLS failed"},
		{&rows[0], TLS_RECORD_CHANGE_CIPHER_SPEC, {"\x01", 1}, "receiving over TLS failed"},
		{&rows[0], 24, {"\x01", 1}, "receiving over TLS failed"},
		{&rows[5], TLS_RECORD_ALERT, {"\x02\x50", 2}, "(80)"},
		{&rows[5], TLS_RECORD_HANDSHAKE, {"\x01\0\0\0", 4}, "receiving over TLS failed"},
		{&rows[5], TLS_RECORD_HANDSHAKE, {"\0\0\0\0\0", 5}, "receiving over TLS failed"},
		{&rows[5], TLS_RECORD_CHANGE_CIPHER_SPEC, {"\x01", 1}, "receiving over TLS failed"},
		{&rows[5], 24, {"\x01", 1}, "receiving over TLS failed"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(tls_records) peer;
		AUTO(strbuf) script = STRBUF_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		peer_begin(&peer, cases[i].row);
		say(&peer, TLS_RECORD_DATA, SPAN_LIT("before"), &script);
		say(&peer, cases[i].type, cases[i].text, &script);
		say(&peer, TLS_RECORD_DATA, SPAN_LIT("after"), &script);
		say(&peer, TLS_RECORD_ALERT, GOODBYE, &script);
		assert_int_equal(listen_to(cases[i].row, &script, &text, &err), STREAM_FAIL);
		assert_string_equal(text.buf, "before");
		if (!strstr(err.status.text, cases[i].says))
			fail_msg("%zu: %s", i, err.status.text);
	}
}

static void data_within_a_ticket_is_refused(void **state)
{
	(void)state;
	AUTO(tls_records) peer;
	AUTO(strbuf) script = STRBUF_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	peer_begin(&peer, modern);
	say(&peer, TLS_RECORD_HANDSHAKE, SPAN_LIT("\x04\0\0\x03t"), &script);
	say(&peer, TLS_RECORD_DATA, SPAN_LIT("a"), &script);
	assert_int_equal(listen_to(modern, &script, &text, &err), STREAM_FAIL);
	assert_int_equal(text.len, 0);
}

static void records_without_data_do_not_hold_a_reader_for_ever(void **state)
{
	(void)state;
	for (unsigned extra = 0; extra < 2; extra++) {
		AUTO(tls_records) peer;
		AUTO(strbuf) script = STRBUF_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		peer_begin(&peer, modern);
		for (unsigned i = 0; i < 64 + extra; i++)
			say(&peer, 0, SPAN_LIT("\x17"), &script);
		say(&peer, TLS_RECORD_DATA, SPAN_LIT("a"), &script);
		assert_int_equal(listen_to(modern, &script, &text, &err), STREAM_FAIL);
		assert_string_equal(text.buf, extra ? "" : "a");
	}
}

/* ---- what an attacker does ---- */

static void an_end_without_goodbye_is_a_loss(void **state)
{
	(void)state;
	AUTO(tls_records) peer;
	AUTO(strbuf) all = STRBUF_INIT;
	peer_begin(&peer, modern);
	say(&peer, TLS_RECORD_DATA, SPAN_LIT("hello"), &all);
	for (size_t len = 0; len <= all.len; len++) {
		AUTO(strbuf) script = STRBUF_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		strbuf_add(&script, all.buf, len);
		assert_int_equal(listen_to(modern, &script, &text, &err), STREAM_FAIL);
		assert_non_null(strstr(err.status.text, "close_notify"));
		assert_string_equal(text.buf, len == all.len ? "hello" : "");
	}
}

static void every_changed_bit_is_noticed(void **state)
{
	(void)state;
	for (size_t r = 0; r < ARRAY_SIZE(rows); r++) {
		AUTO(tls_records) peer;
		AUTO(strbuf) good = STRBUF_INIT;
		peer_begin(&peer, &rows[r]);
		say(&peer, TLS_RECORD_DATA, SPAN_LIT("hello"), &good);
		for (size_t bit = 0; bit < 8 * good.len; bit++) {
			AUTO(strbuf) bad = STRBUF_INIT;
			AUTO(strbuf) text = STRBUF_INIT;
			AUTO(error) err = ERROR_INIT;
			strbuf_add_span(&bad, strbuf_span(&good));
			bad.buf[bit / 8] = (char)(bad.buf[bit / 8] ^ (1 << bit % 8));
			assert_int_equal(listen_to(&rows[r], &bad, &text, &err), STREAM_FAIL);
			assert_int_equal(text.len, 0);
		}
	}
}

static void records_come_once_and_in_their_order(void **state)
{
	(void)state;
	static const char *const orders[] = {"012", "00", "010", "02", "1", "10", "0112"};
	static const char *const heard[] = {"abc", "a", "ab", "a", "", "", "ab"};
	for (size_t i = 0; i < ARRAY_SIZE(orders) * ARRAY_SIZE(rows); i++) {
		const struct kept_state *row = &rows[i / ARRAY_SIZE(orders)];
		const char *order = orders[i % ARRAY_SIZE(orders)];
		AUTO(tls_records) peer;
		AUTO(strbuf) all = STRBUF_INIT;
		AUTO(strbuf) script = STRBUF_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		peer_begin(&peer, row);
		for (const char *c = "abc"; *c; c++)
			say(&peer, TLS_RECORD_DATA, span_make(c, 1), &all);
		const size_t one = all.len / 3;
		for (; *order; order++)
			strbuf_add(&script, all.buf + one * (size_t)(*order - '0'), one);
		assert_int_equal(listen_to(row, &script, &text, &err), STREAM_FAIL);
		assert_string_equal(text.buf, heard[i % ARRAY_SIZE(orders)]);
	}
}

static void headers_that_are_wrong_are_refused_before_the_rest_comes(void **state)
{
	(void)state;
	static const struct {
		const struct kept_state *row;
		const char *header;
	} cases[] = {
		{&rows[0], "\x17\x03\x03\x41\x01"}, /* longer than 16384 + 256 */
		{&rows[0], "\x17\x03\x03\x00\x10"}, /* no room for a type */
		{&rows[0], "\x17\x03\x01\x00\x20"},
		{&rows[0], "\x17\x02\x03\x00\x20"},
		{&rows[0], "\x15\x03\x03\x00\x02"},
		{&rows[0], "\x14\x03\x03\x00\x01"},
		{&rows[0], "220 m"},
		{&rows[5], "\x17\x03\x03\x41\x01"},
		{&rows[5], "\x17\x03\x03\x00\x17"},
		{&rows[5], "\x14\x03\x03\x00\x20"},
		{&rows[5], "\x18\x03\x03\x00\x20"},
		{&rows[5], "\x17\x03\x04\x00\x20"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strbuf) script = STRBUF_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		strbuf_add(&script, cases[i].header, 5);
		assert_int_equal(listen_to(cases[i].row, &script, &text, &err), STREAM_FAIL);
		assert_null(strstr(err.status.text, "close_notify"));
	}
}

static void a_text_that_is_too_long_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(tls_records) peer;
		AUTO(strbuf) script = STRBUF_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		char big[16385] = "";
		peer_begin(&peer, &rows[i]);
		say(&peer, TLS_RECORD_DATA, span_make(big, sizeof(big)), &script);
		assert_int_equal(listen_to(&rows[i], &script, &text, &err), STREAM_FAIL);
		assert_int_equal(text.len, 0);
		assert_non_null(strstr(err.status.text, "receiving over TLS failed"));
	}
}

/* ---- states ---- */

static bool imports(struct span state)
{
	struct stream *lower = stream_mem_new(SPAN_LIT(""), 1, NULL);
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(stream) tls = tls_kept_import(state, &lower, &err);
	assert_int_equal(err.status.kind, tls ? ERROR_NONE : ERROR_TLS);
	assert_true(!tls == !!lower);
	stream_free(lower);
	return tls;
}

static void a_damaged_state_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct kept_state row = rows[i];
		AUTO(strbuf) good = STRBUF_INIT;
		row.unread = SPAN_LIT("\x17\x03");
		kept_state_make(&row, &good);
		assert_true(imports(strbuf_span(&good)));
		for (size_t len = 0; len < good.len; len++)
			assert_false(imports(span_make(good.buf, len)));
		for (size_t bit = 0; bit < 8 * good.len; bit++) {
			AUTO(strbuf) bad = STRBUF_INIT;
			strbuf_add_span(&bad, strbuf_span(&good));
			bad.buf[bit / 8] = (char)(bad.buf[bit / 8] ^ (1 << bit % 8));
			assert_false(imports(strbuf_span(&bad)));
		}
		strbuf_addch(&good, 0);
		assert_false(imports(strbuf_span(&good)));
	}
}

/* The checksum is right, so each field has to be looked at. */
static void a_state_that_makes_no_sense_is_refused(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		struct span octets;
	} cases[] = {
		{0, {"PHTLS", 5}},     {6, {"2", 1}},	      {8, {"\x03\x02", 2}},  {8, {"\x03\x03", 2}},
		{8, {"\x03\x05", 2}},  {10, {"\0\0", 2}},     {10, {"\0\x02", 2}},   {10, {"\0\x1e", 2}},
		{10, {"\x01\x01", 2}}, {12, {"\0\0", 2}},     {12, {"\x40\x01", 2}}, {14, {"\0\x01", 2}},
		{14, {"\0\x03", 2}},   {14, {"\xff\xff", 2}}, {16, {"\x80", 1}},     {21, {"\x40", 1}},
		{24, {"\x80", 1}},     {29, {"\x40", 1}},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct kept_state row = *modern;
		AUTO(strbuf) bad = STRBUF_INIT;
		row.unread = SPAN_LIT("\x17\x03");
		kept_state_make(&row, &bad);
		strbuf_setlen(&bad, bad.len - 8);
		memcpy(bad.buf + cases[i].at, cases[i].octets.ptr, cases[i].octets.len);
		kept_state_seal(&bad);
		if (imports(strbuf_span(&bad)))
			fail_msg("case %zu was imported", i);
	}
	AUTO(strbuf) longer = STRBUF_INIT;
	struct kept_state row = *modern;
	AUTO_FREE char *much = xcalloc(1, TLS_RECORD_LONGEST + 1);
	row.unread = span_make(much, TLS_RECORD_LONGEST + 1);
	kept_state_make(&row, &longer);
	assert_false(imports(strbuf_span(&longer)));
}

static void what_was_received_before_is_read_first(void **state)
{
	(void)state;
	AUTO(tls_records) peer;
	AUTO(strbuf) all = STRBUF_INIT;
	peer_begin(&peer, modern);
	say(&peer, TLS_RECORD_DATA, SPAN_LIT("a"), &all);
	const size_t first = all.len;
	say(&peer, TLS_RECORD_DATA, SPAN_LIT("b"), &all);
	say(&peer, TLS_RECORD_ALERT, GOODBYE, &all);
	for (size_t cut = 0; cut <= all.len; cut++) {
		struct kept_state row = *modern;
		AUTO(strbuf) rest = STRBUF_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		row.unread = span_make(all.buf, cut);
		strbuf_add(&rest, all.buf + cut, all.len - cut);
		AUTO_PTR(stream) tls = client(&row, &rest, SIZE_MAX, NULL);
		assert_int_equal(tls->ops->pending(tls), cut >= first);
		assert_int_equal(read_all(tls, 10, &text, NULL), STREAM_END);
		assert_true(tls->ops->pending(tls));
		assert_string_equal(text.buf, "ab");
	}
}

/* A stream that takes and gives nothing for now. */
static enum stream_result later_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err)
{
	(void)s, (void)buf, (void)room, (void)got, (void)err;
	return STREAM_AGAIN;
}

static enum stream_result later_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err)
{
	(void)s, (void)buf, (void)len, (void)put, (void)err;
	return STREAM_AGAIN;
}

static void later_finish(struct stream *s)
{
	(void)s;
	fail_msg("finished with something unsent");
}

static void later_free(struct stream *s)
{
	(void)s;
}

static void what_is_unsent_is_not_kept(void **state)
{
	(void)state;
	static const struct stream_ops ops = {
		.read = later_read, .write = later_write, .finish = later_finish, .free = later_free};
	struct stream later = {.ops = &ops, .fd = -1, .read_events = POLLIN, .write_events = POLLOUT};
	AUTO(strbuf) kept = STRBUF_INIT;
	AUTO_PTR(stream) tls = client_on(modern, &later);
	size_t put = 0;
	char c;
	assert_int_equal(tls->read_events, POLLIN);
	assert_int_equal(stream_write(tls, "abc", 3, &put, NULL), STREAM_OK); /* it is taken, but not sent */
	assert_int_equal(put, 3);
	assert_int_equal(tls->read_events, POLLIN | POLLOUT);
	assert_int_equal(stream_write(tls, "def", 3, &put, NULL), STREAM_AGAIN);
	assert_int_equal(stream_read(tls, &c, 1, &put, NULL), STREAM_AGAIN);
	assert_false(tls_kept_export(tls, &kept));
	stream_finish(tls);
}

/* Looks at a stream after it has read this many octets of these records. */
static bool can_export_after(const struct strbuf *script, size_t octets, struct strbuf *kept)
{
	AUTO_PTR(stream) tls = client(modern, script, SIZE_MAX, NULL);
	char buf[10];
	size_t got;
	if (octets)
		assert_int_equal(stream_read(tls, buf, octets, &got, NULL), STREAM_OK);
	return tls_kept_export(tls, kept);
}

static void a_text_that_is_half_read_is_not_kept(void **state)
{
	(void)state;
	AUTO(tls_records) peer;
	AUTO(strbuf) script = STRBUF_INIT;
	AUTO(strbuf) kept = STRBUF_INIT;
	peer_begin(&peer, modern);
	say(&peer, TLS_RECORD_DATA, SPAN_LIT("abc"), &script);
	say(&peer, TLS_RECORD_DATA, SPAN_LIT("def"), &script);
	assert_false(can_export_after(&script, 2, &kept));
	assert_int_equal(kept.len, 0);
	assert_true(can_export_after(&script, 3, &kept));
	/* the record that was not read goes with it */
	struct stream *lower = stream_mem_new(SPAN_LIT(""), 1, NULL);
	AUTO_PTR(stream) tls = tls_kept_import(strbuf_span(&kept), &lower, NULL);
	AUTO(strbuf) text = STRBUF_INIT;
	assert_int_equal(read_all(tls, 10, &text, NULL), STREAM_FAIL);
	assert_string_equal(text.buf, "def");
}

static void a_session_the_server_ended_is_not_kept(void **state)
{
	(void)state;
	AUTO(tls_records) peer;
	AUTO(strbuf) script = STRBUF_INIT;
	AUTO(strbuf) kept = STRBUF_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	peer_begin(&peer, modern);
	say(&peer, TLS_RECORD_ALERT, GOODBYE, &script);
	AUTO_PTR(stream) tls = client(modern, &script, SIZE_MAX, NULL);
	assert_int_equal(read_all(tls, 10, &text, NULL), STREAM_END);
	assert_false(tls_kept_export(tls, &kept));
}

static void what_was_exported_is_silent(void **state)
{
	(void)state;
	AUTO(strbuf) sink = STRBUF_INIT;
	AUTO(strbuf) kept = STRBUF_INIT;
	AUTO(strbuf) again = STRBUF_INIT;
	AUTO_PTR(stream) tls = client(modern, NULL, SIZE_MAX, &sink);
	size_t n;
	char c;
	kept_state_make(modern, &again);
	assert_true(tls_kept_export(tls, &kept));
	assert_true(span_equal(strbuf_span(&kept), strbuf_span(&again)));
	assert_int_equal(stream_write(tls, "x", 1, &n, NULL), STREAM_FAIL);
	assert_int_equal(stream_read(tls, &c, 1, &n, NULL), STREAM_FAIL);
	assert_false(tls_kept_export(tls, &kept));
	stream_finish(tls);
	assert_int_equal(sink.len, 0);
	assert_int_equal(stream_detach(steal_ptr(tls)), -1);
}

static void keys_are_not_used_for_ever(void **state)
{
	(void)state;
	struct kept_state row = *modern;
	AUTO(strbuf) kept = STRBUF_INIT;
	AUTO(strbuf) sink = STRBUF_INIT;
	row.out = (1 << 22) - 1;
	row.in = (1 << 22) - 1;
	AUTO_PTR(stream) tls = client(&row, NULL, SIZE_MAX, &sink);
	assert_true(stream_write_all(tls, "x", 1, &clock_system, DEADLINE_NEVER, NULL));
	assert_false(tls_kept_export(tls, &kept));
	assert_true(stream_write_all(tls, "x", 1, &clock_system, DEADLINE_NEVER, NULL)); /* it is still good for use */
	AUTO(tls_records) peer;
	peer_begin(&peer, modern);
	peer.out.number = peer.in.number = 1 << 23;
	struct tls_record record;
	unsigned char octets[64] = "\x17\x03\x03\0\x20";
	assert_int_equal(tls_records_seal(&peer, TLS_RECORD_DATA, "x", 1, &sink), GNUTLS_E_RECORD_LIMIT_REACHED);
	assert_int_equal(tls_records_open(&peer, octets, 5 + 32, &record), GNUTLS_E_RECORD_LIMIT_REACHED);
}

/* ---- framing ---- */

static void framing_finds_the_ends_in_any_portions(void **state)
{
	(void)state;
	static const unsigned char octets[] = "\x17\x03\x03\0\x03"
					      "abc"
					      "\x15\x03\x03\0\0"
					      "\x17\x03\x03\0\x01"
					      "z";
	for (size_t step = 1; step < sizeof(octets); step++) {
		struct tls_framing framing = {.records = 0};
		for (size_t at = 0; at < sizeof(octets) - 1; at += step) {
			size_t n = sizeof(octets) - 1 - at < step ? sizeof(octets) - 1 - at : step, end = at + n;
			tls_framing_add(&framing, octets + at, n);
			assert_int_equal(tls_framing_between(&framing), end == 8 || end == 13 || end == 19);
		}
		assert_int_equal(framing.records, 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cipher_goes_both_ways_in_any_portions),
		cmocka_unit_test(records_are_no_longer_than_the_peer_allows),
		cmocka_unit_test(padding_is_removed),
		cmocka_unit_test(the_last_words_leave_with_the_goodbye),
		cmocka_unit_test(tickets_are_ignored),
		cmocka_unit_test(a_request_to_renegotiate_is_declined),
		cmocka_unit_test(what_ends_a_session_is_named),
		cmocka_unit_test(data_within_a_ticket_is_refused),
		cmocka_unit_test(records_without_data_do_not_hold_a_reader_for_ever),
		cmocka_unit_test(an_end_without_goodbye_is_a_loss),
		cmocka_unit_test(every_changed_bit_is_noticed),
		cmocka_unit_test(records_come_once_and_in_their_order),
		cmocka_unit_test(headers_that_are_wrong_are_refused_before_the_rest_comes),
		cmocka_unit_test(a_text_that_is_too_long_is_refused),
		cmocka_unit_test(a_damaged_state_is_refused),
		cmocka_unit_test(a_state_that_makes_no_sense_is_refused),
		cmocka_unit_test(what_was_received_before_is_read_first),
		cmocka_unit_test(what_is_unsent_is_not_kept),
		cmocka_unit_test(a_text_that_is_half_read_is_not_kept),
		cmocka_unit_test(a_session_the_server_ended_is_not_kept),
		cmocka_unit_test(what_was_exported_is_silent),
		cmocka_unit_test(keys_are_not_used_for_ever),
		cmocka_unit_test(framing_finds_the_ends_in_any_portions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
