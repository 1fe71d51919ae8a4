/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/account_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static const struct origin origin = {ORIGIN_COMMAND_LINE, "somewhere", 0};

/* Set from a text, written as a line, read back: the same value, and the same line again. */
static void what_was_written_sets_the_same_value(void **state)
{
	(void)state;
	static const struct {
		enum option_id id;
		const char *text, *line;
	} rows[] = {
		{OPT_HOST, "a.example b.example", "host a.example b.example"},
		{OPT_PORT, "0x19", "port 25"},
		{OPT_SOCKET, "/run/a \"b\" c", "socket /run/a \"b\" c"},
		{OPT_SOCKET, "\"/run/ x", "socket \"\\\"/run/ x\""},
		{OPT_SOCKET, "", "socket"},
		{OPT_TLS, "", "tls on"},
		{OPT_TLS_STARTTLS, "off", "tls_starttls off"},
		{OPT_USER, " joe ", "user \" joe \""},
		{OPT_USER, "back\\slash", "user back\\slash"},
		{OPT_USER, "", "user"},
		{OPT_AUTH, "scram-sha-256", "auth scram-sha-256"},
		{OPT_TIMEOUT, "90", "timeout 90s"},
		{OPT_TIMEOUT, "off", "timeout off"},
		{OPT_SIZE_LIMIT, "10M", "size_limit 10m"},
		{OPT_QUEUE_RETRY, "1m 2m", "queue_retry 1m 2m"},
		{OPT_ON_FAILURE, "notify-send \"two words\" \"\"", "on_failure notify-send \"two words\" \"\""},
		{OPT_PASSWORDEVAL, "pass show \"my mail\"", "passwordeval pass show \"my mail\""},
		{OPT_NETRC, "off", "netrc off"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct option_row *row = &option_table[rows[i].id];
		AUTO_PTR(account) a = account_new("", FLAVOUR_OWN, NULL);
		AUTO_PTR(account) b = account_new("", FLAVOUR_OWN, NULL);
		AUTO(strbuf) line = STRBUF_INIT, again = STRBUF_INIT;
		assert_true(account_set(a, row->id, span_of(rows[i].text), origin, NULL));
		account_line_format(row, account_value(a, row->id), &line);
		assert_string_equal(line.buf, rows[i].line);
		assert_true(account_line_apply(b, strbuf_span(&line), origin, NULL));
		assert_true(value_equal(row, account_value(a, row->id), account_value(b, row->id)));
		assert_int_equal(account_origin(b, row->id)->kind, ORIGIN_COMMAND_LINE);
		account_line_format(row, account_value(b, row->id), &again);
		assert_string_equal(again.buf, line.buf);
	}
}

static void every_default_survives_as_a_line(void **state)
{
	(void)state;
	AUTO_PTR(account) a = account_new("", FLAVOUR_OWN, NULL);
	AUTO_PTR(account) b = account_new("", FLAVOUR_OWN, NULL);
	assert_true(account_set(a, OPT_HOST, SPAN_LIT("h"), origin, NULL));
	assert_true(account_complete(a, NULL));
	size_t n = 0;
	for (enum option_id i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		AUTO(strbuf) line = STRBUF_INIT;
		if (!account_value(a, i)->set || !row->command || row->type == VALUE_SECRET)
			continue;
		account_line_format(row, account_value(a, i), &line);
		assert_true(account_line_apply(b, strbuf_span(&line), origin, NULL));
		assert_true(value_equal(row, account_value(a, i), account_value(b, i)));
		n++;
	}
	assert_true(n > 20);
}

static void only_settings_are_taken(void **state)
{
	(void)state;
	static const struct {
		const char *line, *says;
	} rows[] = {
		{"", "expected one line with a setting"},
		{"# port 25", "expected one line with a setting"},
		{"port 25\nport 26", "expected one line with a setting"},
		{"porto 25", "expected a setting of an account, got porto"},
		{"account work", "expected a setting of an account, got account"},
		{"include /etc/passwd", "expected a setting of an account, got include"},
		{"eval rm x", "expected a setting of an account, got eval"},
		{"password geheim", "expected a setting of an account, got password"},
		{"port many", "port: expected a number from 1 to 65535, got many"},
		{"user \"half", "user: expected a closing double quote"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO_PTR(account) a = account_new("", FLAVOUR_OWN, NULL);
		struct origin environment = {ORIGIN_ENVIRONMENT, "X", 0};
		assert_false(account_line_apply(a, span_of(rows[i].line), environment, &err));
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		if (strncmp(err.status.text, rows[i].says, strlen(rows[i].says)) != 0)
			fail_msg("%s: %s", rows[i].line, err.status.text);
		for (enum option_id k = 0; k < OPTION_COUNT; k++)
			assert_false(account_value(a, k)->set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_sets_the_same_value),
		cmocka_unit_test(every_default_survives_as_a_line),
		cmocka_unit_test(only_settings_are_taken),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
