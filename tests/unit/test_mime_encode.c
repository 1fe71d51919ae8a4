/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "base/base64.h"
#include "codec/mime_encode.h"
#include "mime/mime_field.h"

/* Lines of text end in "\n" here. */
static void quoted(struct span text, size_t portion, struct strbuf *out)
{
	struct quoted_encoder q = QUOTED_ENCODER_INIT;
	while (text.len) {
		const char *lf = memchr(text.ptr, '\n', text.len);
		size_t n = lf ? (size_t)(lf - text.ptr) : text.len;
		for (size_t at = 0; at < n; at += portion)
			quoted_encode(&q, span_sub(text, at, n - at > portion ? at + portion : n), out);
		if (lf)
			quoted_encode_eol(&q, out);
		text = span_sub(text, n + (lf ? 1 : 0), text.len);
	}
	quoted_encode_end(&q, out);
}

static void quoted_printable(void **state)
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
			quoted(span_of(rows[i].text), portion, &out);
			assert_span(strbuf_span(&out), span_of(rows[i].encoded));
		}
}

static void quoted_lines_are_short_and_look_like_nothing_else(void **state)
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
		quoted(strbuf_span(&text), 400, &out);
		quoted(strbuf_span(&text), round % 7 + 1, &again);
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

static void base64_in_lines(void **state)
{
	(void)state;
	for (size_t len = 0; len < 200; len++)
		for (size_t portion = 1; portion < 130; portion += 17) {
			AUTO(strbuf) text = STRBUF_INIT, out = STRBUF_INIT, joined = STRBUF_INIT, back = STRBUF_INIT;
			struct base64_encoder b = BASE64_ENCODER_INIT;
			for (size_t i = 0; i < len; i++)
				strbuf_addch(&text, (char)(i * 37));
			for (size_t at = 0; at < len; at += portion)
				base64_lines_encode(
					&b, span_sub(strbuf_span(&text), at, len - at > portion ? at + portion : len),
					&out);
			base64_lines_end(&b, &out);
			struct span rest = strbuf_span(&out), line;
			while (span_split(&rest, '\n', &line)) {
				bool ended = rest.ptr && line.len && line.ptr[line.len - 1] == '\r';
				line.len -= ended;
				assert_true(ended ? line.len == 76 : line.len <= 76 && (line.len || !len));
				strbuf_add_span(&joined, line);
			}
			assert_true(base64_decode(&back, strbuf_span(&joined)));
			assert_span(strbuf_span(&back), strbuf_span(&text));
		}
}

static void long_header_lines_are_folded(void **state)
{
#define W10 "aaaaaaaaa "
#define W70 W10 W10 W10 W10 W10 W10 W10
	static const struct {
		const char *raw, *folded;
	} rows[] = {
		{"Subject: short enough\r\n", "Subject: short enough\r\n"},
		{"S: " W70 W70 "b\r\n",
		 "S: " W10 W10 W10 W10 W10 W10 "aaaaaaaaa\r\n " W10 W10 W10 W10 W10 W10 "aaaaaaaaa b\r\n"},
		/* no blank before 78: the next one */
		{"S: x" W70, "S: x" W70},
		{"S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890 "
		 "b c\r\n",
		 "S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		 "\r\n b c\r\n"},
		/* blanks at the end stay there, and no line of blanks arises */
		{"S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890 "
		 "  \r\n",
		 "S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890 "
		 "  \r\n"},
		/* a line that is short stays, whatever its neighbour */
		{"S: a b\r\n\t" W70 W70 "b\r\n",
		 "S: a b\r\n\t" W10 W10 W10 W10 W10 W10 "aaaaaaaaa\r\n " W10 W10 W10 W10 W10 W10 "aaaaaaaaa b\r\n"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		mime_field_fold(span_of(rows[i].raw), 100, &out);
		assert_span(strbuf_span(&out), span_of(rows[i].folded));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quoted_printable),
		cmocka_unit_test(quoted_lines_are_short_and_look_like_nothing_else),
		cmocka_unit_test(base64_in_lines),
		cmocka_unit_test(long_header_lines_are_folded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
