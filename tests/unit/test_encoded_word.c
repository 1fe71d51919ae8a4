/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "base/base64.h"
#include "base/utf8.h"
#include "codec/encoded_word.h"

#define E "\xc3\xa9"		 /* two octets */
#define NI "\xe6\x97\xa5"	 /* three */
#define HORSE "\xf0\x9f\x90\x8e" /* four */

/* ---- a reader -------------------------------------------------------------- */

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static void decode_q(struct strbuf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '=') {
			assert_true(i + 2 < text.len && hex(text.ptr[i + 1]) >= 0 && hex(text.ptr[i + 2]) >= 0);
			c = (char)(hex(text.ptr[i + 1]) * 16 + hex(text.ptr[i + 2]));
			i += 2;
		} else if (c == '_') {
			c = ' ';
		}
		strbuf_addch(out, c);
	}
}

/* Decodes neighbouring words of base64 as one text and stops at its first padding, as GMime does. */
static void decode_joined(struct strbuf *out, struct strbuf *joined)
{
	const char *padding = memchr(joined->buf, '=', joined->len);
	size_t whole = padding ? (size_t)(padding - joined->buf + 3) / 4 * 4 : joined->len;
	assert_true(base64_decode(out, span_sub(strbuf_span(joined), 0, whole)));
	strbuf_reset(joined);
}

/* Checks the form of a row of words, which begins at `column`, and appends what it says. */
static void read_row(struct span row, size_t column, struct strbuf *out)
{
	AUTO(strbuf) joined = STRBUF_INIT;
	struct span line;
	for (bool first = true; span_split(&row, '\n', &line); first = false) {
		AUTO(strbuf) alone = STRBUF_INIT;
		bool last = !row.ptr || !row.len;
		assert_true(last || line.ptr[line.len - 1] == '\r');
		line.len -= !last;
		assert_true((first ? column : 0) + line.len + ENCODED_WORD_ROOM_AFTER <= LINE_LIMIT_ENCODED);
		assert_true(first || line.ptr[0] == ' ');
		struct span word = first ? line : span_sub(line, 1, line.len);
		assert_true(encoded_word_is(word) && word.len <= ENCODED_WORD_MAX);
		struct span text = span_sub(word, strlen("=?UTF-8?B?"), word.len - strlen("?="));
		if (encoded_word_is_base64(word)) {
			assert_true(base64_decode(&alone, text));
			strbuf_add_span(&joined, text);
		} else {
			decode_joined(out, &joined);
			decode_q(&alone, text);
			strbuf_add_span(out, strbuf_span(&alone));
		}
		assert_true(utf8_valid(strbuf_span(&alone)));
	}
	decode_joined(out, &joined);
}

/* ---- what is written ------------------------------------------------------- */

static void every_reader_sees_all_of_the_text(void **state)
{
	static const char *const starts[] = {"", "a", "ab", E, "a\xc3\xa9", HORSE};
	static const char *const units[] = {E, NI, HORSE, "a", "a ", E NI, "a" HORSE, "x " NI " y ", "_=?", "\x01"};
	static const size_t columns[] = {0, 1,	6,
					 9, 40, LINE_LIMIT_ENCODED - ENCODED_WORD_LEAST - ENCODED_WORD_ROOM_AFTER};
	(void)state;
	for (size_t s = 0; s < ARRAY_SIZE(starts); s++)
		for (size_t u = 0; u < ARRAY_SIZE(units); u++)
			for (size_t n = 1; n < 120; n += n < 50 ? 1 : 7)
				for (size_t c = 0; c < 4 * ARRAY_SIZE(columns); c++) {
					AUTO(strbuf) text = STRBUF_INIT, out = STRBUF_INIT, back = STRBUF_INIT;
					struct fold f = fold_begin(&out, "\r\n");
					size_t column = columns[c / 4];
					strbuf_adds(&text, starts[s]);
					for (size_t i = 0; i < n; i++)
						strbuf_adds(&text, units[u]);
					for (size_t i = 0; i < column; i++)
						strbuf_addch(&out, 'x');
					encoded_word_add(&f, strbuf_span(&text),
							 c & 1 ? ENCODED_WORD_TEXT : ENCODED_WORD_PHRASE,
							 c & 2 ? 'B' : 'Q');
					read_row(span_sub(strbuf_span(&out), column, out.len), column, &back);
					assert_span(strbuf_span(&back), strbuf_span(&text));
				}
}

static void words_are_written_as_they_should_be(void **state)
{
	static const struct {
		const char *text;
		enum encoded_word_place place;
		char encoding;
		const char *word;
	} rows[] = {
		{"J" E, ENCODED_WORD_PHRASE, 'B', "=?UTF-8?B?SsOp?="},
		{"J" E, ENCODED_WORD_PHRASE, 'Q', "=?UTF-8?Q?J=C3=A9?="},
		{"a b.c", ENCODED_WORD_PHRASE, 'Q', "=?UTF-8?Q?a_b=2Ec?="},
		{"a b.c", ENCODED_WORD_TEXT, 'Q', "=?UTF-8?Q?a_b.c?="},
		{"(=?_\"\\", ENCODED_WORD_TEXT, 'Q', "=?UTF-8?Q?=28=3D=3F=5F=22=5C?="},
		/* "a" and characters of three octets never end at a multiple of three: the first word is in Q */
		{"a" NI NI NI NI NI NI NI NI NI NI NI NI NI NI NI NI NI NI NI, ENCODED_WORD_TEXT, 'B',
		 "=?UTF-8?Q?a=E6=97=A5=E6=97=A5=E6=97=A5=E6=97=A5=E6=97=A5=E6=97=A5?=\r\n"
		 " =?UTF-8?B?5pel5pel5pel5pel5pel5pel5pel5pel5pel5pel5pel5pel5pel?="},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		struct fold f = fold_begin(&out, "\r\n");
		encoded_word_add(&f, span_of(rows[i].text), rows[i].place, rows[i].encoding);
		assert_string_equal(out.buf, rows[i].word);
	}
}

static void the_shorter_encoding_is_known(void **state)
{
	(void)state;
	assert_int_equal(encoded_word_shorter(SPAN_LIT("J" E "rg"), ENCODED_WORD_TEXT), 'B');
	assert_int_equal(encoded_word_shorter(SPAN_LIT("Gr" E "sse aus M" E "nchen"), ENCODED_WORD_TEXT), 'Q');
	assert_int_equal(encoded_word_shorter(SPAN_LIT("......"), ENCODED_WORD_TEXT), 'Q');
	assert_int_equal(encoded_word_shorter(SPAN_LIT("......"), ENCODED_WORD_PHRASE), 'B');
	assert_int_equal(encoded_word_shorter(SPAN_LIT(NI), ENCODED_WORD_TEXT), 'B');
}

static void words_of_others_are_recognized(void **state)
{
	static const struct {
		const char *word;
		bool is, base64;
	} rows[] = {
		{"=?utf-8?B?w6Q=?=", true, true},
		{"=?utf-8?b?w6Q=?=", true, true},
		{"=?x?q?a_b?=", true, false},
		{"=?x*en?Q?a?=", true, false},
		{"=?x?Q?"
		 "?=",
		 false, false},
		{"=??Q?a?=", false, false},
		{"=?x?X?a?=", false, false},
		{"=?x?Q?a b?=", false, false},
		{"=?x?Q?a?b?=", false, false},
		{"=?x?Q?a?= ", false, false},
		{"a=?x?Q?a?=", false, false},
		{"=?x y?Q?a?=", false, false},
		{"=?x?Q?\xc3\xa4?=", false, false},
		{"=?=", false, false},
		{"", false, false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(encoded_word_is(span_of(rows[i].word)), rows[i].is);
		assert_int_equal(encoded_word_is_base64(span_of(rows[i].word)), rows[i].base64);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_reader_sees_all_of_the_text),
		cmocka_unit_test(words_are_written_as_they_should_be),
		cmocka_unit_test(the_shorter_encoding_is_known),
		cmocka_unit_test(words_of_others_are_recognized),
	};
	return cmocka_run_group_tests_name("encoded_word", tests, NULL, NULL);
}
