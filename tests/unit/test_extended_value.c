/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message_help.h"

#include "base/utf8.h"
#include "codec/extended_value.h"

static void every_octet_is_encoded_and_decoded(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		AUTO(strbuf) out = STRBUF_INIT, back = STRBUF_INIT;
		char octet = (char)c, percent[4];
		bool plain = ascii_isalnum(octet) || (c && strchr("!#$&+-.^_`|~", octet));
		(void)snprintf(percent, sizeof(percent), "%%%02X", c);
		extended_value_add(&out, span_make(&octet, 1));
		assert_span(strbuf_span(&out), plain ? span_make(&octet, 1) : span_of(percent));
		extended_value_decode(&back, strbuf_span(&out));
		assert_span(strbuf_span(&back), span_make(&octet, 1));
	}
}

static void what_is_not_an_escape_stands_for_itself(void **state)
{
	(void)state;
	static const struct {
		const char *text, *decoded;
	} rows[] = {
		{"", ""},
		{"%", "%"},
		{"%4", "%4"},
		{"%41", "A"},
		{"%4x", "%4x"},
		{"%x1", "%x1"},
		{"%%41", "%A"},
		{"%2541", "%41"},
		{"a%c3%A4b", "a\xc3\xa4"
			     "b"},
		{"'*' %4", "'*' %4"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		extended_value_decode(&out, span_of(rows[i].text));
		assert_span(strbuf_span(&out), span_of(rows[i].decoded));
	}
}

static void sections_end_between_characters(void **state)
{
	(void)state;
	static const char text[] = "a\xc3\xa4"
				   "b\xe6\x97\xa5\xf0\x9f\x90\x8e"
				   "c";
	size_t before = 0;
	for (size_t room = 0; room < 40; room++) {
		AUTO(strbuf) out = STRBUF_INIT;
		size_t n = extended_value_fitting(span_of(text), room);
		struct span part = span_make(text, n);
		extended_value_add(&out, part);
		assert_true(n >= before && utf8_valid(part));
		assert_true(out.len <= room || n == 1); /* one character is always taken */
		before = n;
	}
	assert_int_equal(before, strlen(text));
	assert_int_equal(extended_value_fitting(SPAN_LIT("\xe6\x97\xa5"), 0), 3);
	assert_int_equal(extended_value_fitting(SPAN_LIT("\xff\xff"), 4), 1);
	assert_int_equal(extended_value_fitting(SPAN_LIT(""), 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_octet_is_encoded_and_decoded),
		cmocka_unit_test(what_is_not_an_escape_stands_for_itself),
		cmocka_unit_test(sections_end_between_characters),
	};
	return cmocka_run_group_tests_name("extended_value", tests, NULL, NULL);
}
