/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "codec/fold.h"

static void words_are_folded_at_the_limit(void **state)
{
	static const struct {
		const char *text;
		size_t max;
		const char *folded;
	} rows[] = {
		{"", 20, "X:\r\n"},
		{"a", 20, "X: a\r\n"},
		{"  a \t b  ", 20, "X: a b\r\n"},
		{"aaaa bbbb", 12, "X: aaaa bbbb\r\n"},
		{"aaaa bbbb", 11, "X: aaaa\r\n bbbb\r\n"},
		{"aaaa bbbb cccc dddd", 12, "X: aaaa bbbb\r\n cccc dddd\r\n"},
		/* the first word stays beside the name, and a word that is too long has a line of its own */
		{"aaaaaaaaaaaaaaaaaaaa b", 12, "X: aaaaaaaaaaaaaaaaaaaa\r\n b\r\n"},
		{"a bbbbbbbbbbbbbbbbbbbb c", 12, "X: a\r\n bbbbbbbbbbbbbbbbbbbb\r\n c\r\n"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		strbuf_adds(&out, "Before: it\r\n");
		size_t before = out.len;
		struct fold f = fold_begin(&out, "\r\n");
		fold_add(&f, SPAN_LIT("X:"));
		fold_words(&f, span_of(rows[i].text), rows[i].max);
		fold_break(&f);
		assert_int_equal(fold_column(&f), 0);
		assert_span(span_sub(strbuf_span(&out), before, out.len), span_of(rows[i].folded));
	}
}

static void the_column_is_known_after_any_text(void **state)
{
	(void)state;
	AUTO(strbuf) out = STRBUF_INIT;
	strbuf_adds(&out, "before");
	struct fold f = fold_begin(&out, "\n");
	assert_int_equal(fold_column(&f), 0);
	fold_space(&f, 100, 10); /* ends no line that is empty */
	assert_int_equal(fold_column(&f), 1);
	fold_add(&f, SPAN_LIT("a\n\tbcd"));
	assert_int_equal(fold_column(&f), 4);
	fold_add(&f, SPAN_LIT("e"));
	assert_int_equal(fold_column(&f), 5);
	fold_space(&f, 4, 10);
	assert_int_equal(fold_column(&f), 6);
	fold_space(&f, 4, 10);
	assert_int_equal(fold_column(&f), 1);
	assert_string_equal(out.buf, "before a\n\tbcde \n ");
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
		/* no space before column 78: the next one */
		{"S: x" W70, "S: x" W70},
		{"S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890 "
		 "b c\r\n",
		 "S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890"
		 "\r\n b c\r\n"},
		/* spaces at the end stay there, and no line of spaces only is made */
		{"S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890 "
		 "  \r\n",
		 "S: "
		 "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890 "
		 "  \r\n"},
		/* a short line stays as it is beside a long one */
		{"S: a b\r\n\t" W70 W70 "b\r\n",
		 "S: a b\r\n\t" W10 W10 W10 W10 W10 W10 "aaaaaaaaa\r\n " W10 W10 W10 W10 W10 W10 "aaaaaaaaa b\r\n"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		fold_long_lines(span_of(rows[i].raw), 100, &out);
		assert_span(strbuf_span(&out), span_of(rows[i].folded));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_folded_at_the_limit),
		cmocka_unit_test(the_column_is_known_after_any_text),
		cmocka_unit_test(long_header_lines_are_folded),
	};
	return cmocka_run_group_tests_name("fold", tests, NULL, NULL);
}
