/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "codec/quoted_printable.h"

/* Encodes text, whose lines end in LF, in portions. */
static void encode(struct span text, size_t portion, struct strbuf *out)
{
	struct quoted_printable q = QUOTED_PRINTABLE_INIT;
	while (text.len) {
		const char *lf = memchr(text.ptr, '\n', text.len);
		size_t n = lf ? (size_t)(lf - text.ptr) : text.len;
		for (size_t at = 0; at < n; at += portion)
			quoted_printable_add(&q, span_sub(text, at, n - at > portion ? at + portion : n), out);
		if (lf)
			quoted_printable_end_line(&q, out);
		text = span_sub(text, n + (lf ? 1 : 0), text.len);
	}
	quoted_printable_end(&q, out);
}

static void text_is_encoded(void **state)
{
#define X25 "xxxxxxxxxxxxxxxxxxxxxxxxx"
	static const struct {
		const char *text, *encoded;
	} rows[] = {
		{"", ""},
		{"plain", "plain"},
		{"plain\n", "plain\r\n"},
		{"\n\n", "\r\n\r\n"},
		{"a=b\xc3\xa9\t\x7f\x01", "a=3Db=C3=A9\t=7F=01"},
		{"a \nb\t\n \n  ", "a=20\r\nb=09\r\n=20\r\n =20"},
		{"a  b", "a  b"},
		{".\n..\na.", "=2E\r\n=2E.\r\na."},
		{"-\n--\n--x\n---\na--\n- -", "-\r\n-=2D\r\n-=2Dx\r\n-=2D-\r\na--\r\n- -"},
		{"From me\nFrom\nFriday\n From x\nfrom x", "From=20me\r\nFrom\r\nFriday\r\n From x\r\nfrom x"},
		{X25 X25 X25, X25 X25 X25},
		{X25 X25 X25 "y", X25 X25 X25 "=\r\ny"},
		{X25 X25 X25 ".", X25 X25 X25 "=\r\n=2E"},
		{X25 X25 X25 "--b", X25 X25 X25 "=\r\n-=2Db"},
		{X25 X25 X25 "From x", X25 X25 X25 "=\r\nFrom=20x"},
		{X25 X25 X25 " \n", X25 X25 X25 "=\r\n=20\r\n"},
		{X25 X25 X25 " y", X25 X25 X25 "=\r\n y"},
		{X25 X25 "xxxxxxxxxxxxxxxxxxxxxxx\xe9", X25 X25 "xxxxxxxxxxxxxxxxxxxxxxx=\r\n=E9"},
		{X25 X25 "xxxxxxxxxxxxxxxxxxxxxx\xe9", X25 X25 "xxxxxxxxxxxxxxxxxxxxxx=E9"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t portion = 1; portion < 80; portion += 13) {
			AUTO(strbuf) out = STRBUF_INIT;
			encode(span_of(rows[i].text), portion, &out);
			assert_span(strbuf_span(&out), span_of(rows[i].encoded));
		}
}

static void lines_are_short_and_look_like_nothing_else(void **state)
{
	static const char alphabet[] = "--..From =x\n\xe9\t";
	uint32_t seed = 1;
	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		AUTO(strbuf) text = STRBUF_INIT, out = STRBUF_INIT, again = STRBUF_INIT;
		for (unsigned i = 0; i < 400; i++) {
			seed = seed * 1664525 + 1013904223;
			strbuf_addch(&text, alphabet[(seed >> 16) % (sizeof(alphabet) - 1)]);
		}
		encode(strbuf_span(&text), 400, &out);
		encode(strbuf_span(&text), round % 7 + 1, &again);
		assert_span(strbuf_span(&again), strbuf_span(&out));
		struct span rest = strbuf_span(&out), line;
		while (span_split(&rest, '\n', &line)) {
			line.len -= line.len && line.ptr[line.len - 1] == '\r';
			assert_true(line.len <= 76);
			assert_false(span_starts_nocase(line, "--") || span_starts_nocase(line, "."));
			assert_false(line.len >= 5 && memcmp(line.ptr, "From ", 5) == 0);
			assert_false(line.len && ascii_isblank(line.ptr[line.len - 1]));
		}
	}
}

static void a_text_is_encoded_with_all_its_line_ends(void **state)
{
	static const struct {
		const char *text, *encoded;
	} rows[] = {
		{"", ""},
		{"a", "a\r\n"},
		{"a\nb\r\n", "a\r\nb\r\n"},
		{"\n\n", "\r\n\r\n"},
		{"a \r\n-- \nb\rc", "a=20\r\n-=2D=20\r\nb=0Dc\r\n"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		quoted_printable_add_text(&out, span_of(rows[i].text));
		assert_span(strbuf_span(&out), span_of(rows[i].encoded));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_encoded),
		cmocka_unit_test(lines_are_short_and_look_like_nothing_else),
		cmocka_unit_test(a_text_is_encoded_with_all_its_line_ends),
	};
	return cmocka_run_group_tests_name("quoted_printable", tests, NULL, NULL);
}
