/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/span.h"

static struct span sp(const char *s)
{
	return span_of(s);
}

static void compares_with_and_without_case(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		bool same, same_nocase;
	} rows[] = {
		{"", "", true, true},
		{"a", "", false, false},
		{"abc", "abc", true, true},
		{"abc", "aBC", false, true},
		{"abc", "abd", false, false},
		{"[", "{", false, false},
		{"\xc3\xa4", "\xc3\x84", false, false}, /* only ASCII folds */
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(span_equal(sp(rows[i].a), sp(rows[i].b)), rows[i].same);
		assert_int_equal(span_equals_str(sp(rows[i].a), rows[i].b), rows[i].same);
		assert_int_equal(span_equal_nocase(sp(rows[i].a), sp(rows[i].b)), rows[i].same_nocase);
		assert_int_equal(span_equals_str_nocase(sp(rows[i].b), rows[i].a), rows[i].same_nocase);
		assert_int_equal(ascii_strcasecmp(rows[i].a, rows[i].b) == 0, rows[i].same_nocase);
	}
	assert_false(span_equal(span_make("a\0b", 3), span_make("a\0c", 3)));
	assert_true(span_equal(span_make(NULL, 0), SPAN_LIT("")));
}

static void orders_without_case(void **state)
{
	(void)state;
	assert_true(ascii_strcasecmp("a", "B") < 0);
	assert_true(ascii_strcasecmp("B", "a") > 0);
	assert_true(ascii_strcasecmp("a", "ab") < 0);
	assert_true(ascii_strcasecmp("\xff", "z") > 0); /* octets are unsigned */
}

static void finds_a_prefix_without_case(void **state)
{
	(void)state;
	assert_true(span_starts_nocase(SPAN_LIT("SIZE=10"), "size="));
	assert_true(span_starts_nocase(SPAN_LIT("x"), ""));
	assert_false(span_starts_nocase(SPAN_LIT("SIZ"), "size"));
	assert_false(span_starts_nocase(SPAN_LIT("SIXE"), "size"));
}

static void trims_blanks_and_line_ends_only(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {{"", ""}, {" ", ""}, {"\r\n\t ", ""}, {" a b \r\n", "a b"}, {"\va\v", "\va\v"}, {"a", "a"}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_true(span_equals_str(span_trim(sp(rows[i].in)), rows[i].out));
}

static void cuts_words(void **state)
{
	(void)state;
	struct span rest = SPAN_LIT("  AUTH\tPLAIN  LOGIN ");
	assert_true(span_equals_str(span_word(&rest), "AUTH"));
	assert_true(span_equals_str(span_word(&rest), "PLAIN"));
	assert_true(span_equals_str(span_word(&rest), "LOGIN"));
	assert_int_equal(span_word(&rest).len, 0);
	assert_int_equal(span_word(&rest).len, 0);
}

static void splits_keeping_empty_parts(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		size_t n;
		const char *parts[4];
	} rows[] = {
		{"", 1, {""}},
		{"a", 1, {"a"}},
		{"a,b", 2, {"a", "b"}},
		{",a,,", 4, {"", "a", "", ""}},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct span rest = sp(rows[i].in), part;
		for (size_t j = 0; j < rows[i].n; j++) {
			assert_true(span_split(&rest, ',', &part));
			assert_true(span_equals_str(part, rows[i].parts[j]));
		}
		assert_false(span_split(&rest, ',', &part));
	}
}

static void reads_numbers_and_nothing_like_them(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		bool ok;
		unsigned long long value;
	} rows[] = {
		{"0", true, 0},
		{"007", true, 7},
		{"18446744073709551615", true, 18446744073709551615ULL},
		{"18446744073709551616", false, 0},
		{"99999999999999999999999", false, 0},
		{"", false, 0},
		{"-1", false, 0},
		{"+1", false, 0},
		{" 1", false, 0},
		{"1 ", false, 0},
		{"0x1", false, 0},
		{"1e3", false, 0},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned long long v = 4711;
		assert_int_equal(span_to_u64(sp(rows[i].in), &v), rows[i].ok);
		assert_true(v == (rows[i].ok ? rows[i].value : 4711));
	}
}

static void classes_do_not_ask_the_locale(void **state)
{
	(void)state;
	assert_true(ascii_isalpha('z') && ascii_isalpha('A') && ascii_isdigit('9') && ascii_isalnum('0'));
	assert_false(ascii_isalpha('\xe4') || ascii_isalnum('_') || ascii_isdigit('/') || ascii_isdigit(':'));
	assert_true(ascii_iscntrl('\0') && ascii_iscntrl('\x1f') && ascii_iscntrl('\x7f'));
	assert_false(ascii_iscntrl(' ') || ascii_iscntrl('\x80'));
	assert_int_equal(ascii_upper('z'), 'Z');
	assert_int_equal(ascii_lower('['), '[');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares_with_and_without_case),
		cmocka_unit_test(orders_without_case),
		cmocka_unit_test(finds_a_prefix_without_case),
		cmocka_unit_test(trims_blanks_and_line_ends_only),
		cmocka_unit_test(cuts_words),
		cmocka_unit_test(splits_keeping_empty_parts),
		cmocka_unit_test(reads_numbers_and_nothing_like_them),
		cmocka_unit_test(classes_do_not_ask_the_locale),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
