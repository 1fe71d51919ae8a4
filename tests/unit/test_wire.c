/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#define HEADER "Subject: x\r\n\r\n"

/* Texts, and what is sent for them before dot-stuffing. */
static const struct {
	struct span in, canonical;
} corpus[] = {
#define ROW(in, canonical)                               \
	{                                                \
		{in, sizeof(in) - 1},                    \
		{                                        \
			canonical, sizeof(canonical) - 1 \
		}                                        \
	}
	ROW("", ""),
	ROW("a", "a\r\n"),
	ROW("a\n", "a\r\n"),
	ROW("a\r\n", "a\r\n"),
	ROW("a\r", "a\r\n"),
	ROW("\n", "\r\n"),
	ROW("\r", "\r\n"),
	ROW("\r\n", "\r\n"),
	ROW("\n\r", "\r\n\r\n"),
	ROW("\r\r\n", "\r\n\r\n"),
	ROW("\r\r\r", "\r\n\r\n\r\n"),
	ROW("a\n.\nMAIL FROM:<x>\n", "a\r\n.\r\nMAIL FROM:<x>\r\n"),
	ROW("a\r.\rMAIL FROM:<x>\r", "a\r\n.\r\nMAIL FROM:<x>\r\n"),
	ROW("a\n.\r\nMAIL FROM:<x>\r\n", "a\r\n.\r\nMAIL FROM:<x>\r\n"),
	ROW("a\r\n.\rMAIL FROM:<x>\r\n", "a\r\n.\r\nMAIL FROM:<x>\r\n"),
	ROW("a\r\n.\nMAIL FROM:<x>\r\n", "a\r\n.\r\nMAIL FROM:<x>\r\n"),
	ROW("a\r\n.\r\nMAIL FROM:<x>\r\n", "a\r\n.\r\nMAIL FROM:<x>\r\n"),
	ROW("a\0.\r\nb\r\n", "a\0.\r\nb\r\n"),
	ROW("a\r\n\0.\r\nb\r\n", "a\r\n\0.\r\nb\r\n"),
	ROW("a\r\n.\0\r\nb", "a\r\n.\0\r\nb\r\n"),
	ROW(".", ".\r\n"),
	ROW("..", "..\r\n"),
	ROW(".\n.\n.\n", ".\r\n.\r\n.\r\n"),
	ROW(".\r\r.", ".\r\n\r\n.\r\n"),
	ROW("\n.", "\r\n.\r\n"),
	ROW("\r.", "\r\n.\r\n"),
	ROW("\r\n.", "\r\n.\r\n"),
	ROW("line one\nline two\r\nline three\rline four", "line one\r\nline two\r\nline three\r\nline four\r\n"),
	ROW("0123456\n.123456\r\n.123456.\r.......\n\n\n.\n",
	    "0123456\r\n.123456\r\n.123456.\r\n.......\r\n\r\n\r\n.\r\n"),
	ROW("\xc3\xa4\n.\xff\n", "\xc3\xa4\r\n.\xff\r\n"),
};

/* Reads DATA like a server: asserts that there is one end, at the end, and no line end other than CRLF. */
static void receive(struct span wire, struct strbuf *text)
{
	for (size_t i = 0; i < wire.len;) {
		const char *cr = memchr(wire.ptr + i, '\r', wire.len - i);
		assert_non_null(cr);
		size_t end = (size_t)(cr - wire.ptr);
		assert_true(end + 1 < wire.len && wire.ptr[end + 1] == '\n');
		struct span line = span_sub(wire, i, end);
		assert_null(line.len ? memchr(line.ptr, '\n', line.len) : NULL);
		i = end + 2;
		if (span_equals_str(line, ".")) {
			assert_int_equal(i, wire.len);
			return;
		}
		strbuf_add_span(text, line.len && line.ptr[0] == '.' ? span_sub(line, 1, line.len) : line);
		strbuf_add(text, "\r\n", 2);
	}
	fail_msg("the end of data is missing");
}

static void encode(struct span in, const size_t *cuts, size_t n, struct strbuf *plain, struct strbuf *dotted)
{
	struct eol_encoder eol;
	struct dot_encoder dot;
	AUTO(strbuf) part = STRBUF_INIT;
	size_t from = 0;
	eol_encoder_init(&eol);
	dot_encoder_init(&dot);
	for (size_t i = 0; i <= n; i++) {
		size_t to = i < n ? cuts[i] : in.len;
		strbuf_reset(&part);
		eol_encode(&eol, span_sub(in, from, to), &part);
		if (i == n)
			eol_encode_end(&eol, &part);
		strbuf_add_span(plain, strbuf_span(&part));
		dot_encode(&dot, strbuf_span(&part), dotted);
		from = to;
	}
	dot_encode_end(&dot, dotted);
}

static void check_cuts(struct span in, struct span canonical, const size_t *cuts, size_t n)
{
	AUTO(strbuf) plain = STRBUF_INIT, dotted = STRBUF_INIT, text = STRBUF_INIT;
	encode(in, cuts, n, &plain, &dotted);
	assert_span(strbuf_span(&plain), canonical);
	receive(strbuf_span(&dotted), &text);
	assert_span(strbuf_span(&text), canonical);
}

static void every_division_into_three_gives_the_same_octets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(corpus); i++)
		for (size_t a = 0; a <= corpus[i].in.len; a++)
			for (size_t b = a; b <= corpus[i].in.len; b++) {
				size_t cuts[] = {a, b};
				check_cuts(corpus[i].in, corpus[i].canonical, cuts, 2);
			}
}

static void every_portion_size_gives_the_same_octets(void **state)
{
	(void)state;
	AUTO(strbuf) in = STRBUF_INIT, canonical = STRBUF_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(corpus); i++) {
		strbuf_add_span(&in, corpus[i].in);
		strbuf_addch(&in, 'z'); /* separates the line ends of neighbours */
		AUTO(strbuf) one = STRBUF_INIT;
		strbuf_add_span(&one, corpus[i].canonical);
		struct span last = corpus[i].in;
		if (last.len && last.ptr[last.len - 1] != '\n' && last.ptr[last.len - 1] != '\r')
			strbuf_setlen(&one, one.len - 2);
		strbuf_add_span(&canonical, strbuf_span(&one));
		strbuf_addch(&canonical, 'z');
	}
	strbuf_adds(&canonical, "\r\n");
	AUTO_FREE size_t *cuts = calloc(in.len, sizeof(*cuts));
	for (size_t size = 1; size <= 64; size++) {
		size_t n = 0;
		for (size_t at = size; at < in.len; at += size)
			cuts[n++] = at;
		check_cuts(strbuf_span(&in), strbuf_span(&canonical), cuts, n);
	}
}

static void a_dot_may_begin_every_canonical_portion(void **state)
{
	(void)state;
	static const char text[] = ".\r\n..\r\n.a\r\n\r\n.\r\n";
	struct span in = {text, sizeof(text) - 1};
	for (size_t cut = 0; cut <= in.len; cut++) {
		struct dot_encoder dot;
		AUTO(strbuf) out = STRBUF_INIT, back = STRBUF_INIT;
		dot_encoder_init(&dot);
		dot_encode(&dot, span_sub(in, 0, cut), &out);
		dot_encode(&dot, span_sub(in, cut, in.len), &out);
		dot_encode_end(&dot, &out);
		receive(strbuf_span(&out), &back);
		assert_span(strbuf_span(&back), in);
	}
}

static void an_unfinished_line_is_ended_before_the_final_dot(void **state)
{
	(void)state;
	struct dot_encoder dot;
	AUTO(strbuf) out = STRBUF_INIT;
	dot_encoder_init(&dot);
	dot_encode(&dot, SPAN_LIT("x"), &out);
	dot_encode_end(&dot, &out);
	assert_string_equal(out.buf, "x\r\n.\r\n");
}

static void check_message(struct span text, const struct message *msg, struct span canonical)
{
	AUTO(strbuf) plain = STRBUF_INIT, dotted = STRBUF_INIT, back = STRBUF_INIT, want = STRBUF_INIT;
	(void)text;
	strbuf_adds(&want, HEADER);
	strbuf_add_span(&want, canonical);
	write_wire(SPAN_LIT(HEADER), &msg->body, false, &plain);
	assert_span(strbuf_span(&plain), strbuf_span(&want));
	assert_int_equal(wire_size(SPAN_LIT(HEADER), &msg->info), plain.len);
	write_wire(SPAN_LIT(HEADER), &msg->body, true, &dotted);
	receive(strbuf_span(&dotted), &back);
	assert_span(strbuf_span(&back), strbuf_span(&want));
}

static void size_is_what_is_sent(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(corpus); i++)
		for (size_t portion = 0; portion <= 64; portion++) {
			AUTO(message) msg;
			AUTO(strbuf) text = STRBUF_INIT;
			strbuf_adds(&text, HEADER);
			strbuf_add_span(&text, corpus[i].in);
			read_message(&msg, strbuf_span(&text), portion);
			check_message(strbuf_span(&text), &msg, corpus[i].canonical);
		}
}

/* The encoders must keep their state between portions of 64 KiB, from memory and from a file. */
static void nothing_is_lost_between_large_portions(void **state)
{
	(void)state;
	static const struct {
		const char *tail, *canonical;
	} rows[] = {{"\n.\n", "\r\n.\r\n"},
		    {"\r\n.\r\n", "\r\n.\r\n"},
		    {"\r.\r", "\r\n.\r\n"},
		    {".", ".\r\n"},
		    {"\r", "\r\n"}};
	static const size_t sizes[] = {64u * 1024, 5u * 64 * 1024};

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++)
		for (size_t short_by = 0; short_by < 24; short_by++)
			for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
				AUTO(strbuf) text = STRBUF_INIT, canonical = STRBUF_INIT;
				AUTO(message) msg;
				strbuf_adds(&text, HEADER);
				for (size_t n = 0; n < sizes[s] - short_by; n++)
					strbuf_addch(&text, n % 100 == 99 ? ' ' : '.');
				strbuf_add(&canonical, text.buf + strlen(HEADER), text.len - strlen(HEADER));
				strbuf_adds(&text, rows[i].tail);
				strbuf_adds(&canonical, rows[i].canonical);
				read_message(&msg, strbuf_span(&text), 70001);
				assert_int_equal(msg.body.fd >= 0, s == 1);
				check_message(strbuf_span(&text), &msg, strbuf_span(&canonical));
			}
}

static void worst_growth_stays_within_the_promised_portion(void **state)
{
	(void)state;
	static const char *const units[] = {"\n", "\r", ".\n", ".\r", "\n.\r."};
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		AUTO(message) msg;
		AUTO(strbuf) text = STRBUF_INIT, dotted = STRBUF_INIT, back = STRBUF_INIT;
		strbuf_adds(&text, "\n");
		while (text.len < 600000)
			strbuf_adds(&text, units[i]);
		read_message(&msg, strbuf_span(&text), 0);
		write_wire(SPAN_LIT("\r\n"), &msg.body, true, &dotted); /* asserts the limit of a portion */
		receive(strbuf_span(&dotted), &back);
		assert_int_equal(wire_size(SPAN_LIT("\r\n"), &msg.info), back.len);
	}
}

static void a_large_header_is_sent_in_portions(void **state)
{
	(void)state;
	AUTO(strbuf) header = STRBUF_INIT, out = STRBUF_INIT, back = STRBUF_INIT;
	AUTO(source) body;
	source_init(&body, NULL);
	assert_true(source_append(&body, ".body\n", 6, NULL));
	while (header.len < 300000)
		strbuf_addf(&header, "X-%zu: ...\r\n ...\r\n", header.len);
	strbuf_adds(&header, "\r\n");
	write_wire(strbuf_span(&header), &body, true, &out);
	receive(strbuf_span(&out), &back);
	strbuf_adds(&header, ".body\r\n");
	assert_span(strbuf_span(&back), strbuf_span(&header));
}

static void it_can_be_read_more_than_once(void **state)
{
	(void)state;
	AUTO(message) msg;
	AUTO(strbuf) first = STRBUF_INIT, second = STRBUF_INIT;
	read_message(&msg, SPAN_LIT("\na\r.\n"), 0);
	write_wire(SPAN_LIT("\r\n"), &msg.body, true, &first);
	write_wire(SPAN_LIT("\r\n"), &msg.body, true, &second);
	assert_string_equal(first.buf, "\r\na\r\n..\r\n.\r\n");
	assert_span(strbuf_span(&second), strbuf_span(&first));
}

static void nothing_more_comes_after_the_end(void **state)
{
	(void)state;
	AUTO(wire_body) w;
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(source) body;
	bool more = true;
	source_init(&body, NULL);
	wire_body_init(&w, SPAN_LIT(""), &body, true);
	assert_true(wire_body_next(&w, &out, &more, NULL));
	assert_false(more);
	assert_string_equal(out.buf, ".\r\n");
	assert_true(wire_body_next(&w, &out, &more, NULL));
	assert_false(more);
	assert_string_equal(out.buf, ".\r\n");
}

static void a_file_that_shrank_is_an_error(void **state)
{
	(void)state;
	AUTO(message) msg;
	AUTO(wire_body) w;
	AUTO(strbuf) text = STRBUF_INIT, out = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	bool more = true, ok = true;
	strbuf_adds(&text, "\n");
	while (text.len < 500000)
		strbuf_adds(&text, "text\n");
	read_message(&msg, strbuf_span(&text), 0);
	assert_int_equal(ftruncate(msg.body.fd, 100000), 0);
	wire_body_init(&w, SPAN_LIT("\r\n"), &msg.body, true);
	while (ok && more)
		ok = wire_body_next(&w, &out, &more, &err);
	assert_false(ok);
	assert_int_equal(err.status.kind, ERROR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_division_into_three_gives_the_same_octets),
		cmocka_unit_test(every_portion_size_gives_the_same_octets),
		cmocka_unit_test(a_dot_may_begin_every_canonical_portion),
		cmocka_unit_test(an_unfinished_line_is_ended_before_the_final_dot),
		cmocka_unit_test(size_is_what_is_sent),
		cmocka_unit_test(nothing_is_lost_between_large_portions),
		cmocka_unit_test(worst_growth_stays_within_the_promised_portion),
		cmocka_unit_test(a_large_header_is_sent_in_portions),
		cmocka_unit_test(it_can_be_read_more_than_once),
		cmocka_unit_test(nothing_more_comes_after_the_end),
		cmocka_unit_test(a_file_that_shrank_is_an_error),
	};
	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
