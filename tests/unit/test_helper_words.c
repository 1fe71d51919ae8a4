/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "secret/helper_words.h"

static void hides_what_was_printed(void **state)
{
	(void)state;
	static const struct {
		const char *errors, *output, *lines;
	} rows[] = {
		{"", "horse", ""},
		{"one\n\n  two \n", "horse", "one|two"},
		{"one\ttwo\033[31m", NULL, "one two?[31m"},
		/* what it printed: each line, and each without its first word */
		{"+ echo horse", "horse", "+ echo ***"},
		{"+ echo horse", "horse\n", "+ echo ***"},
		{"horse and battery", "horse\nbattery\n", "*** and ***"},
		{"horse and battery", "horse\r\nbattery\r\n", "*** and ***"},
		{"bad: horse", "password horse\n", "bad: ***"},
		{"bad: horse staple", "password \"horse staple\"\n", "bad: ***"},
		{"bad: horse staple", "password\t \t\"horse staple\"  \n", "bad: ***"},
		{"aG9yc2U= 686f727365", "horse", "***U= ***"},
		{"hor\nse", "horse", "***"},
		/* in any character set, although it is cleaned */
		{"caf\351s", "caf\351s", "***"},
		{"a\tb c", "a\tb c", "***"},
		{"hors...", "horse", "***..."},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(proc_errors) errors = PROC_ERRORS_INIT;
		AUTO(strvec) lines = STRVEC_INIT;
		AUTO(strbuf) wanted = STRBUF_INIT;
		struct span rest = span_of(rows[i].lines), line;
		strbuf_adds(&errors.text, rows[i].errors);
		if (rows[i].output)
			secret_set(&errors.printed, rows[i].output, strlen(rows[i].output));
		helper_words_take(&errors, "of test", &lines);
		while (*rows[i].lines && span_split(&rest, '|', &line))
			strbuf_addf(&wanted, "%sthe command of test wrote: %.*s", wanted.len ? "|" : "", (int)line.len,
				    line.ptr);
		AUTO_FREE char *got = strvec_join(&lines, "|");
		assert_string_equal(got, wanted.len ? wanted.buf : "");
	}
}

static void keeps_little(void **state)
{
	(void)state;
	AUTO(proc_errors) errors = PROC_ERRORS_INIT;
	AUTO(strvec) lines = STRVEC_INIT;
	strbuf_add(&errors.text, "a\0horse\n", 8); /* a NUL ends neither the text nor the hiding */
	for (size_t i = 0; i < 5000; i++) {
		strbuf_adds(&errors.text, "word ");
	}
	for (size_t i = 0; i < 500; i++)
		strbuf_adds(&errors.text, "\nline");
	secret_set(&errors.printed, "horse", 5);
	helper_words_take(&errors, "of test", &lines);
	assert_int_equal(lines.n, HELPER_WORDS_LINES);
	assert_string_equal(lines.v[0], "the command of test wrote: a?***");
	assert_in_range(strlen(lines.v[1]), 500, 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hides_what_was_printed),
		cmocka_unit_test(keeps_little),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
