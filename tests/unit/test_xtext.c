/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "codec/xtext.h"

/* RFC 3461 section 4: xchar is "!" to "~" except "+" and "="; the rest is "+" and two upper-case digits. */
static void xtext_of_every_octet(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		AUTO(strbuf) out = STRBUF_INIT;
		char octet = (char)c, wanted[8];
		xtext_add(&out, span_make(&octet, 1));
		bool plain = c >= '!' && c <= '~' && c != '+' && c != '=';
		(void)snprintf(wanted, sizeof(wanted), plain ? "%c" : "+%02X", c);
		assert_string_equal(out.buf, wanted);
	}
}

/* RFC 6533 section 3: EmbeddedUnicodeChar has no leading zeros, but at least two digits. */
static void xtext_of_characters(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"joe@example.org", "joe@example.org"},
		{"a+b", "a\\x{2B}b"},
		{"a=b", "a\\x{3D}b"},
		{"a\\b", "a\\x{5C}b"},
		{"a b", "a\\x{20}b"},
		{"\t", "\\x{09}"},
		{"\x7f", "\\x{7F}"},
		{"\xc3\xa4", "\\x{E4}"},
		{"\xe2\x82\xac", "\\x{20AC}"},
		{"\xf0\x9f\x93\xa7", "\\x{1F4E7}"},
		{"a\xff"
		 "b",
		 "a?b"},
		{"\xc3", "?"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		xtext_add_utf8(&out, span_of(rows[i].in));
		assert_string_equal(out.buf, rows[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xtext_of_every_octet),
		cmocka_unit_test(xtext_of_characters),
	};
	return cmocka_run_group_tests_name("xtext", tests, NULL, NULL);
}
