/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "base/xalloc.h"
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

/* NULL: not valid. */
struct decoding {
	const char *in, *out;
};

static void check_decoding(const struct decoding *rows, size_t n, bool (*decode)(struct strbuf *, struct span))
{
	for (size_t i = 0; i < n; i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		strbuf_adds(&out, "before ");
		AUTO_FREE char *wanted = xasprintf("before %s", rows[i].out ? rows[i].out : "");
		assert_int_equal(decode(&out, span_of(rows[i].in)), rows[i].out != NULL);
		assert_string_equal(out.buf, wanted);
	}
}

static void xtext_decoded(void **state)
{
	static const struct decoding rows[] = {
		{"", ""},	  {"joe@example.org", "joe@example.org"},
		{"a+2Bb", "a+b"}, {"+3d+3D", "=="},
		{"+20", " "},	  {"a\\b", "a\\b"},
		{"+", NULL},	  {"+2", NULL},
		{"+2G", NULL},	  {"a=b", NULL},
		{"a b", NULL},	  {"\xc3\xa4", NULL},
		{"\x7f", NULL},
	};
	(void)state;
	check_decoding(rows, ARRAY_SIZE(rows), xtext_decode);
}

static void utf8_xtext_decoded(void **state)
{
	static const struct decoding rows[] = {
		{"joe@example.org", "joe@example.org"},
		{"a\\x{2B}b", "a+b"},
		{"\\x{E4}", "\xc3\xa4"},
		{"\\x{20ac}", "\xe2\x82\xac"},
		{"\\x{1F4E7}", "\xf0\x9f\x93\xa7"},
		{"\\x{10FFFF}", "\xf4\x8f\xbf\xbf"},
		{"\xc3\xa4", "\xc3\xa4"},
		{"\\x{110000}", NULL},
		{"\\x{D800}", NULL},
		{"\\x{}", NULL},
		{"\\x{E4", NULL},
		{"\\x", NULL},
		{"\\", NULL},
		{"a+2Bb", NULL},
		{"a=b", NULL},
		{"a b", NULL},
		{"\xc3", NULL},
	};
	(void)state;
	check_decoding(rows, ARRAY_SIZE(rows), xtext_decode_utf8);
}

/* What was encoded, decodes to the same. */
static void xtext_both_ways(void **state)
{
	(void)state;
	for (unsigned cp = 1; cp < 0x11000; cp += cp < 0x900 ? 1 : 97) {
		AUTO(strbuf) encoded = STRBUF_INIT;
		AUTO(strbuf) in = STRBUF_INIT;
		AUTO(strbuf) out = STRBUF_INIT;
		strbuf_addf(&encoded, "\\x{%X}", cp);
		if (!xtext_decode_utf8(&in, strbuf_span(&encoded)))
			continue; /* a surrogate */
		strbuf_reset(&encoded);
		xtext_add_utf8(&encoded, strbuf_span(&in));
		assert_true(xtext_decode_utf8(&out, strbuf_span(&encoded)));
		assert_string_equal(out.buf, in.buf);
		strbuf_reset(&encoded);
		strbuf_reset(&out);
		xtext_add(&encoded, strbuf_span(&in));
		assert_true(xtext_decode(&out, strbuf_span(&encoded)));
		assert_string_equal(out.buf, in.buf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(xtext_of_every_octet), cmocka_unit_test(xtext_of_characters),
		cmocka_unit_test(xtext_decoded),	cmocka_unit_test(utf8_xtext_decoded),
		cmocka_unit_test(xtext_both_ways),
	};
	return cmocka_run_group_tests_name("xtext", tests, NULL, NULL);
}
