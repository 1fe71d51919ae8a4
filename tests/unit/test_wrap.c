/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of limited width, in scripts with and without blanks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/wrap.h"

static const struct {
	const char *text;
	size_t width;
} widths[] = {
	{"", 0},	  {"mail", 4},	 {"Grüße", 5},	  {"почта", 5},	    {"郵便", 4},
	{"e\xcc\x81", 1}, {"メール", 6}, {"\xff\xfe", 2}, {"a\xe3\x80", 3},
};

static void columns_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++)
		assert_int_equal(wrap_width(span_of(widths[i].text)), widths[i].width);
}

static const struct {
	const char *text;
	size_t at, indent, columns;
	const char *lines;
} texts[] = {
	{"", 0, 0, 10, "\n"},
	{"one two three", 0, 0, 7, "one two\nthree\n"},
	{"one two three", 0, 2, 7, "one two\n  three\n"},
	{"one two", 5, 5, 8, "one\n     two\n"},
	{"  one \n two  ", 0, 0, 20, "one two\n"},
	{"unbreakable word", 0, 0, 5, "unbreakable\nword\n"},
	{"größer als", 0, 0, 10, "größer als\n"},
	{"送信できません", 0, 0, 8, "送信でき\nません\n"},
	{"送信は。次", 0, 0, 6, "送信\nは。次\n"},		 /* no line begins with a full stop */
	{"宛先「甲」", 0, 0, 6, "宛先\n「甲」\n"},		 /* none ends with an opening bracket */
	{"使用 --check=名前", 0, 0, 12, "使用\n--check=名前\n"}, /* a blank is where a line may end */
};

static void lines_are_broken(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		wrap_add(&out, texts[i].text, texts[i].at, texts[i].indent, texts[i].columns);
		assert_string_equal(out.buf, texts[i].lines);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_counted),
		cmocka_unit_test(lines_are_broken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
