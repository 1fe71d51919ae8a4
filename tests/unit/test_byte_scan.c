/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "codec/byte_scan.h"

/* Compares the results with those of a simple loop, for every short text of the bytes that matter, at every alignment.
 */
static const char alphabet[] = {'\r', '\n', '.', 'x', '\0', '\x0b', '\x8d', '/'};

static void check_against_loop(struct span sp)
{
	struct byte_scan want = {false, false, 0};
	bool canonical = true;
	size_t dot[2] = {sp.len, sp.len};
	for (size_t i = sp.len; i-- > 0;) {
		want.high |= (unsigned char)sp.ptr[i] > 127;
		want.nul |= sp.ptr[i] == '\0';
		want.crs += sp.ptr[i] == '\r';
		if (sp.ptr[i] == '\r')
			canonical &= i + 1 < sp.len && sp.ptr[i + 1] == '\n';
		if (sp.ptr[i] == '\n')
			canonical &= i > 0 && sp.ptr[i - 1] == '\r';
		if (sp.ptr[i] == '.' && i > 0 && sp.ptr[i - 1] == '\n')
			dot[0] = dot[1] = i;
		if (sp.ptr[i] == '.' && i == 0)
			dot[1] = 0;
	}
	struct byte_scan got = byte_scan(sp);
	assert_int_equal(got.high, want.high);
	assert_int_equal(got.nul, want.nul);
	assert_int_equal(got.crs, want.crs);
	assert_int_equal(byte_scan_canonical(sp), canonical);
	assert_int_equal(byte_scan_find_line_dot(sp, false), dot[0]);
	assert_int_equal(byte_scan_find_line_dot(sp, true), dot[1]);
}

static void results_are_those_of_a_simple_loop(void **state)
{
	(void)state;
	char text[24];
	for (unsigned n = 0; n < 8 * 8 * 8 * 8; n++)
		for (size_t at = 0; at <= 12; at++) {
			memset(text, 'x', sizeof(text));
			for (unsigned i = 0, v = n; i < 4; i++, v /= 8)
				text[at + i] = alphabet[v % 8];
			check_against_loop(span_make(text, at + 4));
			check_against_loop(span_make(text + 1, sizeof(text) - 1));
		}
}

static void canonical_text_is_recognized_in_any_block(void **state)
{
	(void)state;
	static const char text[] = "\r\nabc\r\n\r\n1234567\r\n12345678\r\n.\r\n";
	for (size_t from = 0; from <= sizeof(text) - 1; from++)
		for (size_t to = from; to <= sizeof(text) - 1; to++)
			check_against_loop(span_make(text + from, to - from));
	assert_true(byte_scan_canonical(SPAN_LIT("1234567\r\n12345678\r\n")));
	assert_false(byte_scan_canonical(SPAN_LIT("1234567\r")));
}

static void more_crs_are_counted_than_fit_into_a_byte(void **state)
{
	(void)state;
	for (size_t n = 0; n < 8000; n += 777) {
		AUTO_FREE char *text = malloc(n + 1);
		memset(text, '\r', n);
		assert_int_equal(byte_scan(span_make(text, n)).crs, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_are_those_of_a_simple_loop),
		cmocka_unit_test(canonical_text_is_recognized_in_any_block),
		cmocka_unit_test(more_crs_are_counted_than_fit_into_a_byte),
	};
	return cmocka_run_group_tests_name("octets", tests, NULL, NULL);
}
