/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/help.h"
#include "config/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define EACH_ROW(row) for (const struct option_row *row = option_table; row < option_table + OPTION_COUNT; row++)

static void names_are_unique_and_found(void **state)
{
	(void)state;
	bool ambiguous;
	EACH_ROW(row)
	{
		assert_int_equal(row->id, row - option_table);
		assert_true(row->command || row->flag || row->letter);
		if (row->command)
			assert_ptr_equal(option_by_command(span_of(row->command)), row);
		if (row->flag)
			assert_ptr_equal(option_by_flag(span_of(row->flag), &ambiguous), row);
		if (row->letter)
			assert_ptr_equal(option_by_letter(row->letter), row);
	}
}

static void flags_are_commands_with_hyphens(void **state)
{
	(void)state;
	EACH_ROW(row)
	{
		if (!row->command || !row->flag)
			continue;
		assert_int_equal(strlen(row->command), strlen(row->flag));
		for (size_t i = 0; row->command[i]; i++)
			assert_int_equal(row->command[i] == '_' ? '-' : row->command[i], row->flag[i]);
	}
}

static void defaults_parse_and_read_back_the_same(void **state)
{
	(void)state;
	EACH_ROW(row)
	{
		const char *const texts[] = {row->default_own, row->default_msmtp};
		for (size_t i = 0; i < 2; i++) {
			struct value v = {.set = false};
			AUTO(strbuf) text = STRBUF_INIT;
			if (!texts[i])
				continue;
			assert_true(value_parse(row, span_of(texts[i]), &v, NULL));
			value_format(row, &v, &text);
			assert_string_equal(text.buf, texts[i]);
			value_release(&v);
		}
	}
}

static void rows_are_complete(void **state)
{
	(void)state;
	EACH_ROW(row)
	{
		assert_non_null(row->help);
		assert_non_null(row->since);
		if (row->type != VALUE_NONE && !row->target)
			assert_non_null(row->argument);
		if (row->type == VALUE_INT)
			assert_true(row->min < row->max);
		if (row->type == VALUE_WORD)
			assert_non_null(row->words);
		/* an older spelling leads to a row that is none */
		if (row->target)
			assert_int_equal(option_target(row)->target, 0);
	}
}

static void prefixes(void **state)
{
	(void)state;
	static const struct {
		const char *given;
		enum option_id id; /* OPTION_COUNT: none */
		bool ambiguous;
	} cases[] = {
		{"host", OPT_HOST, false},
		{"hos", OPT_HOST, false},
		{"tls", OPT_TLS, false},
		{"tls-c", OPTION_COUNT, true},
		{"tls-cr", OPT_TLS_CRL_FILE, false},
		{"acc", OPT_ACCOUNT, false}, /* accept-key came later */
		{"ver", OPT_VERSION, false},
		{"from", OPT_FROM, false},
		{"dsn-ret", OPT_DSN_RETURN, false},
		{"p", OPTION_COUNT, true},
		{"nonsense", OPTION_COUNT, false},
		{"", OPTION_COUNT, false},
		{"hostname", OPTION_COUNT, false},
		{"HOST", OPTION_COUNT, false},
		{"tls_starttls", OPTION_COUNT, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		bool ambiguous = !cases[i].ambiguous;
		const struct option_row *row = option_by_flag(span_of(cases[i].given), &ambiguous);
		assert_ptr_equal(row, cases[i].id == OPTION_COUNT ? NULL : &option_table[cases[i].id]);
		assert_int_equal(ambiguous, cases[i].ambiguous);
	}
}

static void nearest_spelling(void **state)
{
	(void)state;
	static const struct {
		const char *given;
		enum option_id id;
	} cases[] = {
		{"tls_startls", OPT_TLS_STARTTLS},
		{"hots", OPT_HOST},
		{"passwordevel", OPT_PASSWORDEVAL},
		{"TLS", OPT_TLS},
		{"ports", OPT_PORT},
		{"tls-certcheck", OPT_TLS_CERTCHECK},
		{"completely_different", OPTION_COUNT},
		{"", OPTION_COUNT},
		{"zz", OPTION_COUNT},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", OPTION_COUNT},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct option_row *row = option_nearest(span_of(cases[i].given));
		assert_ptr_equal(row, cases[i].id == OPTION_COUNT ? NULL : &option_table[cases[i].id]);
	}
}

static void commands_are_case_sensitive(void **state)
{
	(void)state;
	assert_null(option_by_command(SPAN_LIT("Host")));
	assert_null(option_by_command(SPAN_LIT("hos")));
	assert_null(option_by_command(SPAN_LIT("")));
	assert_null(option_by_letter('\0'));
	assert_null(option_by_letter('Z'));
}

static void help_fits_80_columns_and_names_every_live_flag(void **state)
{
	(void)state;
	AUTO(strbuf) help = STRBUF_INIT;
	option_help(&help);
	struct span rest = strbuf_span(&help), line;
	while (span_split(&rest, '\n', &line))
		assert_true(line.len < 80);
	EACH_ROW(row)
	{
		AUTO(strbuf) synopsis = STRBUF_INIT;
		option_synopsis(row, &synopsis);
		if (!synopsis.len)
			continue;
		strbuf_addch(&synopsis, row->help && synopsis.len + 8 > 34 ? '\n' : ' ');
		if (option_is_live(row))
			assert_non_null(strstr(help.buf, synopsis.buf));
		else if (row->flag)
			assert_null(strstr(help.buf, synopsis.buf));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_unique_and_found),
		cmocka_unit_test(flags_are_commands_with_hyphens),
		cmocka_unit_test(defaults_parse_and_read_back_the_same),
		cmocka_unit_test(rows_are_complete),
		cmocka_unit_test(prefixes),
		cmocka_unit_test(nearest_spelling),
		cmocka_unit_test(commands_are_case_sensitive),
		cmocka_unit_test(help_fits_80_columns_and_names_every_live_flag),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
