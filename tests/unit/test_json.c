/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

static void assert_quoted(struct span text, const char *wanted)
{
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	json_span(&j, NULL, text);
	assert_string_equal(out.buf, wanted);
}

/* RFC 8259 section 7: U+0000 to U+001F must be escaped, each of them. */
static void every_control_character_is_escaped(void **state)
{
	(void)state;
	for (int c = 0; c <= 0x7f; c++) {
		char octet = (char)c, wanted[16];
		if (c == '\n')
			(void)snprintf(wanted, sizeof(wanted), "\"\\n\"");
		else if (c < 0x20 || c == 0x7f)
			(void)snprintf(wanted, sizeof(wanted), "\"\\u%04x\"", (unsigned)c);
		else
			(void)snprintf(wanted, sizeof(wanted), c == '"' || c == '\\' ? "\"\\%c\"" : "\"%c\"", c);
		assert_quoted(span_make(&octet, 1), wanted);
	}
}

static void what_is_not_ascii_stays_or_is_replaced(void **state)
{
	(void)state;
	assert_quoted(SPAN_LIT("J\xc3\xb6rg \xf0\x9f\x90\x8e"), "\"J\xc3\xb6rg \xf0\x9f\x90\x8e\"");
	assert_quoted(SPAN_LIT("x\xe2\x80\xa8y\xe2\x80\xa9"), "\"x\\u2028y\\u2029\""); /* line ends in JavaScript */
	assert_quoted(SPAN_LIT("x\xffy"), "\"x\xef\xbf\xbdy\"");
	assert_quoted(SPAN_LIT("\xc3"), "\"\xef\xbf\xbd\"");
	assert_quoted(SPAN_LIT(""), "\"\"");
}

static void commas_stand_between_and_levels_end(void **state)
{
	(void)state;
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	json_string(&j, "a\"", NULL);
	json_number(&j, "b", -7);
	json_array(&j, "c");
	json_bool(&j, NULL, true);
	json_object(&j, NULL);
	json_end(&j);
	json_string(&j, NULL, "");
	json_end(&j);
	json_bool(&j, "d", false);
	json_end(&j);
	assert_string_equal(out.buf, "{\"a\\\"\":null,\"b\":-7,\"c\":[true,{},\"\"],\"d\":false}");
}

static void times_have_one_form(void **state)
{
	(void)state;
	static const struct {
		int64_t when;
		const char *wanted;
	} rows[] = {
		{0, "{\"t\":null,\"t_unix\":null}"},
		{1795262700, "{\"t\":\"2026-11-21T12:05:00Z\",\"t_unix\":1795262700}"},
		{-1, "{\"t\":\"1969-12-31T23:59:59Z\",\"t_unix\":-1}"},
		{INT64_MAX, "{\"t\":null,\"t_unix\":9223372036854775807}"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		struct json j = JSON_INIT(&out);
		json_object(&j, NULL);
		json_time(&j, "t", rows[i].when);
		json_end(&j);
		assert_string_equal(out.buf, rows[i].wanted);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_control_character_is_escaped),
		cmocka_unit_test(what_is_not_ascii_stays_or_is_replaced),
		cmocka_unit_test(commas_stand_between_and_levels_end),
		cmocka_unit_test(times_have_one_form),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
