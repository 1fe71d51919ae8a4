/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/lexer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void lines(void **state)
{
	(void)state;
	/* every line that says something as "LINE:COLUMN:COMMAND:COLUMN:ARGUMENT|" */
	static const struct {
		const char *text, *lines;
	} cases[] = {
		{"", ""},
		{"\n\n\n", ""},
		{"# comment\n  # another\n", ""},
		{"host a", "1:1:host:6:a|"},
		{"host a\n", "1:1:host:6:a|"},
		{"host a\r\nport 25\r\n", "1:1:host:6:a|2:1:port:6:25|"},
		{"\xef\xbb\xbfhost a\n", "1:1:host:6:a|"},
		{" \t host \t a b \t \n", "1:4:host:11:a b|"},
		{"host\n", "1:1:host:5:|"},
		{"host   \n", "1:1:host:8:|"},
		{"\n\nhost a # b\n", "3:1:host:6:a # b|"},
		{"a#b c\n", "1:1:a#b:5:c|"},
		{"host \"a b\"  \n", "1:1:host:6:\"a b\"|"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct lexer lexer;
		struct lexer_line line;
		AUTO(strbuf) got = STRBUF_INIT;
		lexer_init(&lexer, span_of(cases[i].text));
		while (lexer_next(&lexer, &line, NULL) == 1)
			strbuf_addf(&got, "%u:%u:%.*s:%u:%.*s|", line.line, line.column, SPAN_FMT(line.command),
				    line.argument_column, SPAN_FMT(line.argument));
		assert_string_equal(got.buf, cases[i].lines);
		assert_int_equal(lexer_next(&lexer, &line, NULL), 0);
	}
}

static void a_nul_is_an_error_with_its_place(void **state)
{
	(void)state;
	struct lexer lexer;
	struct lexer_line line;
	AUTO(error) err = ERROR_INIT;
	lexer_init(&lexer, SPAN_LIT("host a\nus\0er x\n"));
	assert_int_equal(lexer_next(&lexer, &line, &err), 1);
	assert_int_equal(lexer_next(&lexer, &line, &err), -1);
	assert_int_equal(line.line, 2);
	assert_int_equal(line.column, 3);
	assert_int_equal(err.status.kind, ERROR_CONFIG);
}

static void arguments(void **state)
{
	(void)state;
	static const struct {
		const char *raw, *own, *msmtp; /* NULL: refused */
		size_t at;
	} cases[] = {
		{"", "", "", 0},
		{"plain text", "plain text", "plain text", 0},
		{"\"quoted\"", "quoted", "quoted", 0},
		{"\"\"", "", "", 0},
		{"\" blanks \"", " blanks ", " blanks ", 0},
		{"\"a\\\"b\"", "a\"b", "a\\\"b", 0},
		{"\"a\\\\b\"", "a\\b", "a\\\\b", 0},
		{"a\\b", "a\\b", "a\\b", 0},
		{"a\"b\"", "a\"b\"", "a\"b\"", 0},
		{"\"open", NULL, "\"open", 5},
		{"\"", NULL, "\"", 1},
		{"\"a\" b", NULL, "\"a\" b", 3},
		{"\"a\"b\"", NULL, "a\"b", 3},
		{"\"a\\n\"", NULL, "a\\n", 2},
		{"\"a\\", NULL, "\"a\\", 3},
		{"\"a\\\"", NULL, "a\\", 4},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		for (int flavour = FLAVOUR_OWN; flavour <= FLAVOUR_MSMTP; flavour++) {
			const char *want = flavour == FLAVOUR_OWN ? cases[i].own : cases[i].msmtp;
			AUTO(strbuf) got = STRBUF_INIT;
			AUTO(error) err = ERROR_INIT;
			size_t at = 0;
			bool ok = lexer_argument(span_of(cases[i].raw), (enum config_flavour)flavour, &got, &at, &err);
			assert_int_equal(ok, want != NULL);
			assert_string_equal(got.buf, want ? want : "");
			if (!want)
				assert_int_equal(at, cases[i].at);
			assert_int_equal(err.status.kind, want ? ERROR_NONE : ERROR_CONFIG);
		}
}

static void errors_quote_nothing_that_may_be_secret(void **state)
{
	(void)state;
	static const char *const raws[] = {"\"canary", "\"a\" canary", "\"canary\\n\""};
	for (size_t i = 0; i < ARRAY_SIZE(raws); i++) {
		AUTO(strbuf) got = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		size_t at = 0;
		assert_false(lexer_argument(span_of(raws[i]), FLAVOUR_OWN, &got, &at, &err));
		assert_null(strstr(err.status.text, "canary"));
	}
}

static void quoting_reads_back(void **state)
{
	(void)state;
	static const char *const texts[] = {"a",      " a",  "a ",  "\ta", "\"",      "\\",
					    "\"\\\"", "a b", "a\\", "#a",  "\"a\" b", "a\"b"};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(strbuf) line = STRBUF_INIT;
		AUTO(strbuf) word = STRBUF_INIT;
		AUTO(strbuf) got = STRBUF_INIT;
		size_t at;
		lexer_quote(span_of(texts[i]), false, &line);
		assert_true(lexer_argument(strbuf_span(&line), FLAVOUR_OWN, &got, &at, NULL));
		assert_string_equal(got.buf, texts[i]);
		strbuf_reset(&got);
		lexer_quote(span_of(texts[i]), true, &word);
		strbuf_adds(&word, " next");
		struct span rest = strbuf_span(&word);
		assert_int_equal(lexer_word(&rest, &got, NULL), 1);
		assert_string_equal(got.buf, texts[i]);
		assert_true(span_equals_str(rest, " next"));
	}
}

static void lines_have_no_length_limit(void **state)
{
	(void)state;
	AUTO(strbuf) text = STRBUF_INIT;
	struct lexer lexer;
	struct lexer_line line;
	strbuf_adds(&text, "passwordeval ");
	for (size_t i = 0; i < 1 << 20; i++)
		strbuf_addch(&text, 'x');
	lexer_init(&lexer, strbuf_span(&text));
	assert_int_equal(lexer_next(&lexer, &line, NULL), 1);
	assert_int_equal(line.argument.len, 1 << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(a_nul_is_an_error_with_its_place),
		cmocka_unit_test(arguments),
		cmocka_unit_test(errors_quote_nothing_that_may_be_secret),
		cmocka_unit_test(quoting_reads_back),
		cmocka_unit_test(lines_have_no_length_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
