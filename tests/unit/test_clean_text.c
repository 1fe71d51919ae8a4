/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clean_text.h"

static void untrusted_text_is_cleaned(void **state)
{
	(void)state;
	static const struct {
		struct span in;
		size_t max;
		const char *out;
	} rows[] = {
		{{"", 0}, 10, ""},
		{{" plain ", 7}, 10, "plain"},
		{{"two\r\nlines\n", 11}, 20, "two lines"},
		{{"a\t\tb", 4}, 10, "a b"},
		{{"nul\0in", 6}, 10, "nul?in"},
		{{"\033[31mred", 8}, 20, "?[31mred"},
		{{"bell\a del\x7f", 10}, 20, "bell? del?"},
		{{"c1 \xc2\x9b", 5}, 20, "c1 ??"},
		{{"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9}, 20, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
		{{"bad \xff\xc3", 6}, 20, "bad ??"},
		{{"rtl \xe2\x80\xae", 7}, 20, "rtl ???"},
		{{"12345", 5}, 5, "12345"},
		{{"123456", 6}, 5, "12345..."},
		{{"1234\xc3\xa4", 6}, 5, "1234..."}, /* no half characters, no more than max */
		{{"123\xc3\xa4", 5}, 5, "123\xc3\xa4"},
		{{"x", 1}, 0, "..."},
		{{"ends...", 7}, 10, "ends..."},
		{{"12345...", 8}, 5, "12345..."},
		{{"12345....", 9}, 5, "12345..."},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *clean = clean_text(rows[i].in, rows[i].max);
		assert_string_equal(clean, rows[i].out);
		AUTO_FREE char *again = clean_text(span_of(clean), rows[i].max);
		assert_string_equal(again, clean);
	}
}

static void lines_are_cleaned_one_by_one(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		size_t max;
		const char *out;
	} rows[] = {
		{"one", 100, "one"},
		{"one\ntwo", 100, "one\ntwo"},
		{" one \r\n\ttwo\x1b\n", 100, "one\ntwo?"},
		{"", 100, ""},
		{"one\n\nthree", 100, "one\n\nthree"},
		{"one\ntwo\nthree", 5, "one\ntw..."},
		{"one\ntwo\nthree", 7, "one\ntwo\n..."},
		{"one\ntwo\n", 7, "one\ntwo"},
		{"one\n\n\n\n\nthree", 5, "one\n\n\n..."},
		{"one", 0, "..."},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *clean = clean_lines(span_of(rows[i].in), rows[i].max);
		assert_string_equal(clean, rows[i].out);
		AUTO_FREE char *again = clean_lines(span_of(clean), rows[i].max);
		assert_string_equal(again, clean);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(untrusted_text_is_cleaned),
		cmocka_unit_test(lines_are_cleaned_one_by_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
