/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/utf8.h"

static const struct {
	const char *octets;
	size_t len; /* of the first character, 0: none */
	uint32_t cp;
	bool printable;
} rows[] = {
	{"", 0, 0, false},
	{"a", 1, 'a', true},
	{" ", 1, ' ', true},
	{"\t", 1, '\t', false},
	{"\x7f", 1, 0x7f, false},
	{"\xc2\x80", 2, 0x80, false}, /* C1 */
	{"\xc2\x9f", 2, 0x9f, false},
	{"\xc2\xa0", 2, 0xa0, true},
	{"\xdf\xbf", 2, 0x7ff, true},
	{"\xe0\xa0\x80", 3, 0x800, true},
	{"\xed\x9f\xbf", 3, 0xd7ff, true},
	{"\xee\x80\x80", 3, 0xe000, true},
	{"\xef\xbf\xbd", 3, 0xfffd, true},
	{"\xf0\x90\x80\x80", 4, 0x10000, true},
	{"\xf4\x8f\xbf\xbf", 4, 0x10ffff, true},
	{"\xe2\x80\xa8", 3, 0x2028, false}, /* line separator */
	{"\xe2\x80\xa9", 3, 0x2029, false},
	{"\xe2\x80\xae", 3, 0x202e, false}, /* right-to-left override */
	{"\xe2\x81\xa6", 3, 0x2066, false},
	{"\xef\xbb\xbf", 3, 0xfeff, false},
	/* none of these is a character */
	{"\x80", 0, 0, false},
	{"\xbf", 0, 0, false},
	{"\xc0\xaf", 0, 0, false}, /* overlong */
	{"\xc1\xbf", 0, 0, false},
	{"\xe0\x80\xaf", 0, 0, false},
	{"\xe0\x9f\xbf", 0, 0, false},
	{"\xf0\x80\x80\xaf", 0, 0, false},
	{"\xf0\x8f\xbf\xbf", 0, 0, false},
	{"\xed\xa0\x80", 0, 0, false}, /* surrogates */
	{"\xed\xbf\xbf", 0, 0, false},
	{"\xf4\x90\x80\x80", 0, 0, false}, /* beyond U+10FFFF */
	{"\xf5\x80\x80\x80", 0, 0, false},
	{"\xf8\x88\x80\x80\x80", 0, 0, false},
	{"\xfe", 0, 0, false},
	{"\xff", 0, 0, false},
	{"\xc3", 0, 0, false}, /* cut */
	{"\xe2\x82", 0, 0, false},
	{"\xf0\x9f\x98", 0, 0, false},
	{"\xc3(", 0, 0, false},
	{"\xe2\x28\xa1", 0, 0, false},
	{"\xe2\x82(", 0, 0, false},
};

static void decodes_as_rfc_3629_has_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t cp = 0;
		assert_int_equal(utf8_decode(span_of(rows[i].octets), &cp), rows[i].len);
		assert_int_equal(cp, rows[i].cp);
		assert_int_equal(utf8_printable(span_of(rows[i].octets)), rows[i].printable ? rows[i].len : 0);
	}
}

static void validates_whole_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(utf8_valid(span_of(rows[i].octets)), rows[i].len == strlen(rows[i].octets));
	assert_true(utf8_valid(SPAN_LIT("a\xc3\xa4\0z")));
	assert_false(utf8_valid(SPAN_LIT("a\xc3\xa4\xc3")));
	assert_false(utf8_valid(SPAN_LIT("\xffz")));
}

static void tells_ascii(void **state)
{
	(void)state;
	assert_true(utf8_is_ascii(SPAN_LIT("")));
	assert_true(utf8_is_ascii(SPAN_LIT("a\0\x7f")));
	assert_false(utf8_is_ascii(SPAN_LIT("a\x80")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_as_rfc_3629_has_it),
		cmocka_unit_test(validates_whole_texts),
		cmocka_unit_test(tells_ascii),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
