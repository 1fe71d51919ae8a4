/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define HEX16 "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF"

struct value_case {
	enum option_id id;
	const char *text;
	const char *formatted; /* NULL: refused */
	long long n;	       /* or the error's text contains ... */
	const char *says;
};

static const struct value_case cases[] = {
	{OPT_TLS, "on", "on", 1, NULL},
	{OPT_TLS, "off", "off", 0, NULL},
	{OPT_TLS, "", "on", 1, NULL},
	{OPT_TLS, "maybe", NULL, 0, "expected on or off, got maybe"},
	{OPT_TLS, "On", NULL, 0, "got On"},
	{OPT_TLS, "yes", NULL, 0, "got yes"},
	{OPT_ALLOW_FROM_OVERRIDE, "", NULL, 0, "got nothing"},

	{OPT_PORT, "25", "25", 25, NULL},
	{OPT_PORT, "0x19", "25", 25, NULL},
	{OPT_PORT, "0xFFFF", "65535", 65535, NULL},
	{OPT_PORT, "65536", NULL, 0, "expected a number from 1 to 65535, got 65536"},
	{OPT_PORT, "0", NULL, 0, "got 0"},
	{OPT_PORT, "-1", NULL, 0, "got -1"},
	{OPT_PORT, "025", NULL, 0, "got 025"},
	{OPT_PORT, "25 ", NULL, 0, "got 25"},
	{OPT_PORT, "0x", NULL, 0, "got 0x"},
	{OPT_PORT, "0xg", NULL, 0, "got 0xg"},
	{OPT_PORT, "0x100000019", NULL, 0, "got 0x1"},
	{OPT_PORT, "99999999999999999999999", NULL, 0, "got 9999"},
	{OPT_PORT, "", NULL, 0, "got nothing"},
	{OPT_PROXY_PORT, "", "", 0, NULL},

	{OPT_TIMEOUT, "off", "off", -1, NULL},
	{OPT_TIMEOUT, "30", "30s", 30000, NULL},
	{OPT_TIMEOUT, "90s", "90s", 90000, NULL},
	{OPT_TIMEOUT, "60", "1m", 60000, NULL},
	{OPT_TIMEOUT, "2h", "2h", 7200000, NULL},
	{OPT_TIMEOUT, "5d", "5d", 432000000, NULL},
	{OPT_TIMEOUT, "0", NULL, 0, "got 0"},
	{OPT_TIMEOUT, "s", NULL, 0, "got s"},
	{OPT_TIMEOUT, "1w", NULL, 0, "got 1w"},
	{OPT_TIMEOUT, "1 s", NULL, 0, "got 1 s"},
	{OPT_TIMEOUT, "106751991168d", NULL, 0, "got 106751991168d"},
	{OPT_TIMEOUT, "9223372036854775808", NULL, 0, "expected off or a time"},

	{OPT_DELIVER_BY, "off", "off", 0, NULL},
	{OPT_DELIVER_BY, "120", "120,return", 0, NULL},
	{OPT_DELIVER_BY, "+120", "120,return", 0, NULL},
	{OPT_DELIVER_BY, "120,return", "120,return", 0, NULL},
	{OPT_DELIVER_BY, "120,notify", "120,notify", 0, NULL},
	{OPT_DELIVER_BY, "120,Trace", "120,return,trace", 0, NULL},
	{OPT_DELIVER_BY, "90m, notify, trace", "5400,notify,trace", 0, NULL},
	{OPT_DELIVER_BY, "2h", "7200,return", 0, NULL},
	{OPT_DELIVER_BY, "1d", "86400,return", 0, NULL},
	{OPT_DELIVER_BY, "0,notify", "0,notify", 0, NULL},
	{OPT_DELIVER_BY, "-60,notify", "-60,notify", 0, NULL},
	{OPT_DELIVER_BY, "999999999", "999999999,return", 0, NULL},
	{OPT_DELIVER_BY, "1000000000", NULL, 0, "such as 3600,notify, got 1000000000"},
	{OPT_DELIVER_BY, "11575d", NULL, 0, "got 11575d"},
	{OPT_DELIVER_BY, "0", NULL, 0, "more than 0 seconds"},
	{OPT_DELIVER_BY, "-60,return", NULL, 0, "more than 0 seconds"},
	{OPT_DELIVER_BY, "", NULL, 0, "got nothing"},
	{OPT_DELIVER_BY, "soon", NULL, 0, "got soon"},
	{OPT_DELIVER_BY, "120,", NULL, 0, "got 120,"},
	{OPT_DELIVER_BY, ",return", NULL, 0, "got ,return"},
	{OPT_DELIVER_BY, "120,return,notify", NULL, 0, "got 120"},
	{OPT_DELIVER_BY, "120,trace,return", NULL, 0, "got 120"},
	{OPT_DELIVER_BY, "120,trace,trace", NULL, 0, "got 120"},
	{OPT_DELIVER_BY, "120;R", NULL, 0, "got 120;R"},
	{OPT_DELIVER_BY, "m", NULL, 0, "got m"},
	{OPT_DELIVER_BY, "--5", NULL, 0, "got --5"},
	{OPT_HOLD_FOR, "off", "off", -1, NULL},
	{OPT_HOLD_FOR, "5m", "5m", 300000, NULL},
	{OPT_HOLD_FOR, "0", NULL, 0, "got 0"},
	{OPT_HOLD_UNTIL, "18:00", "18:00", 0, NULL},
	{OPT_HOLD_UNTIL, "2026-12-24T18:00", "2026-12-24T18:00", 0, NULL},
	{OPT_HOLD_UNTIL, "2026-12-24T18:00:00+01:00", "2026-12-24T18:00:00+01:00", 0, NULL},
	{OPT_HOLD_UNTIL, "tomorrow", NULL, 0,
	 "a time such as 18:00, 2026-12-24T18:00 or 2026-12-24T17:00:00Z, got tomorrow"},
	{OPT_HOLD_UNTIL, "2026-12-24", NULL, 0, "got 2026-12-24"},
	{OPT_HOLD_UNTIL, "", NULL, 0, "got nothing"},
	{OPT_PRIORITY, "-9", "-9", -9, NULL},
	{OPT_PRIORITY, "9", "9", 9, NULL},
	{OPT_PRIORITY, "10", NULL, 0, "a number from -9 to 9, got 10"},
	{OPT_MAIL_AUTH, "a@example.org", "a@example.org", 0, NULL},
	{OPT_MAIL_AUTH, "<a@example.org>", "a@example.org", 0, NULL},
	{OPT_MAIL_AUTH, "", "", 0, NULL},
	{OPT_MAIL_AUTH, "<>", "<>", 0, NULL},
	{OPT_MAIL_AUTH, "joe", NULL, 0, "expected a mailbox, or <> for none, got joe"},
	{OPT_MAIL_AUTH, "a> REQUIRETLS<b", NULL, 0, "expected a mailbox, or <> for none"},
	{OPT_REQUIRE_TLS, "", "on", 1, NULL},
	{OPT_REQUIRE_TLS, "yes", NULL, 0, "on or off"},

	{OPT_SIZE_LIMIT, "off", "off", 0, NULL},
	{OPT_SIZE_LIMIT, "1000", "1000", 1000, NULL},
	{OPT_SIZE_LIMIT, "10k", "10k", 10240, NULL},
	{OPT_SIZE_LIMIT, "10M", "10m", 10485760, NULL},
	{OPT_SIZE_LIMIT, "1G", "1g", 1073741824, NULL},
	{OPT_SIZE_LIMIT, "1024K", "1m", 1048576, NULL},
	{OPT_SIZE_LIMIT, "8589934592G", NULL, 0, "expected off or a size"},
	{OPT_SIZE_LIMIT, "0", NULL, 0, "got 0"},

	{OPT_AUTH, "", "on", 0, NULL},
	{OPT_AUTH, "off", "off", 1, NULL},
	{OPT_AUTH, "scram-sha-256-plus", "scram-sha-256-plus", 9, NULL},
	{OPT_AUTH, "PLAIN", NULL, 0, "got PLAIN"},
	{OPT_AUTH, "scram", NULL, 0, "oauthbearer or xoauth2, got scram"},
	{OPT_DSN_RETURN, "headers", "headers", 1, NULL},
	{OPT_DSN_RETURN, "hdrs", "headers", 1, NULL},
	{OPT_DSN_RETURN, "FULL", "full", 2, NULL},
	{OPT_DSN_RETURN, "half", NULL, 0, "expected off, headers or full, got half"},
	{OPT_BODY, "8bitmime", "8BITMIME", 1, NULL},
	{OPT_QUEUE, "off", "off", 0, NULL},
	{OPT_QUEUE, "auto", "auto", 1, NULL},
	{OPT_QUEUE, "always", "always", 2, NULL},
	{OPT_QUEUE, "sometimes", NULL, 0, "expected off, auto or always, got sometimes"},
	{OPT_EIGHTBIT, "convert", "convert", 0, NULL},
	{OPT_SET_FROM_HEADER, "", "auto", 0, NULL},
	{OPT_SET_TO_HEADER, "", "on", 0, NULL},
	{OPT_PARTIAL, "", NULL, 0, "expected deliver or abort, got nothing"},

	{OPT_USER, "joe", "joe", 0, NULL},
	{OPT_USER, "", "", 0, NULL},
	{OPT_USER, " joe", "\" joe\"", 0, NULL},
	{OPT_USER, "\"joe\\", "\"\\\"joe\\\\\"", 0, NULL},
	{OPT_USER, "jo\"e", "jo\"e", 0, NULL},
	{OPT_USER, "j\303\266rg", "j\303\266rg", 0, NULL},
	{OPT_USER, "a\r\nMAIL FROM:<b>", NULL, 0, "expected text without control characters"},
	{OPT_USER, "a\nb", NULL, 0, "control"},
	{OPT_USER, "a\033[1m", NULL, 0, "got a?[1m"},
	{OPT_TLS_TRUST_FILE, "system", "system", 0, NULL},
	{OPT_TLS_TRUST_FILE, "", "", 0, NULL},
	{OPT_TLS_TRUST_FILE, "/etc/ssl/ca.pem", "/etc/ssl/ca.pem", 0, NULL},
	{OPT_TLS_TRUST_FILE, "/a\nb", NULL, 0, "expected the name of a file"},

	{OPT_HOST, "a.example", "a.example", 0, NULL},
	{OPT_HOST, "a  \t b", "a b", 0, NULL},
	{OPT_HOST, "\"a\" b", "a b", 0, NULL},
	{OPT_HOST, "\"a b\"", NULL, 0, "expected the name or address of a server, got a b"},
	{OPT_HOST, "\"a", NULL, 0, "closing double quote"},
	{OPT_HOST, "\"a\"b", NULL, 0, "a space after the closing double quote"},
	{OPT_HOST, "", NULL, 0, "got nothing"},
	{OPT_HOST, "a srv:example.org", "a srv:example.org", 0, NULL},
	{OPT_HOST, "a srv:", NULL, 0, "expected a domain after srv:, got srv:"},
	{OPT_HOST, "-oProxyCommand", NULL, 0, "expected the name or address"},
	{OPT_HOST, "a\r\nb", NULL, 0, "control"},

	{OPT_FROM, "a@b", "a@b", 0, NULL},
	{OPT_FROM, "<a@b>", "a@b", 0, NULL},
	{OPT_FROM, "<>", "<>", 0, NULL},
	{OPT_FROM, "", NULL, 0, "got nothing"},
	{OPT_FROM, "a@b>\r\nRCPT TO:<x@y", NULL, 0, "control"},
	{OPT_FROM, "a@b> SIZE=1", NULL, 0, "expected an address"},
	{OPT_FROM, "*@wild.example", "*@wild.example", 0, NULL},
	{OPT_DOMAIN, "%H", "%H", 0, NULL},
	{OPT_DOMAIN, "a b", NULL, 0, "without spaces, got a b"},

	{OPT_DSN_NOTIFY, "off", "off", 0, NULL},
	{OPT_DSN_NOTIFY, "NEVER", "never", 0, NULL},
	{OPT_DSN_NOTIFY, "Success,FAILURE", "success,failure", 0, NULL},
	{OPT_DSN_NOTIFY, "failure, delay", "failure,delay", 0, NULL},
	{OPT_DSN_NOTIFY, "failure,failure", NULL, 0, "failure,failure"},
	{OPT_DSN_NOTIFY, "never,failure", NULL, 0, "expected off, never, or a list"},
	{OPT_DSN_NOTIFY, "failure,", NULL, 0, "got failure,"},
	{OPT_DSN_NOTIFY, "fail", NULL, 0, "got fail"},
	{OPT_DSN_NOTIFY, "", NULL, 0, "got nothing"},

	{OPT_TLS_FINGERPRINT, HEX16, HEX16, 0, NULL},
	{OPT_TLS_FINGERPRINT, "00112233445566778899aabbccddeeff", HEX16, 0, NULL},
	{OPT_TLS_FINGERPRINT, "00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff", HEX16, 0, NULL},
	{OPT_TLS_FINGERPRINT, HEX16 ":00:11:22:33", HEX16 ":00:11:22:33", 0, NULL},
	{OPT_TLS_FINGERPRINT, HEX16 ":" HEX16, HEX16 ":" HEX16, 0, NULL},
	{OPT_TLS_FINGERPRINT, HEX16 ":00", NULL, 0, "got 17"},
	{OPT_TLS_FINGERPRINT, HEX16 ":", NULL, 0, "pairs of hex digits"},
	{OPT_TLS_FINGERPRINT, "0", NULL, 0, "pairs of hex digits"},
	{OPT_TLS_FINGERPRINT, "0g", NULL, 0, "pairs of hex digits"},
	{OPT_TLS_FINGERPRINT, "", "", 0, NULL},

	{OPT_CREDENTIAL, "mail.password", "mail.password", 0, NULL},
	{OPT_CREDENTIAL, "..x", "..x", 0, NULL},
	{OPT_CREDENTIAL, "../x", NULL, 0, "without a slash, got ../x"},
	{OPT_CREDENTIAL, "/etc/shadow", NULL, 0, "without a slash"},
	{OPT_CREDENTIAL, "..", NULL, 0, "without a slash, got .."},
	{OPT_CREDENTIAL, ".", NULL, 0, "without a slash"},
	{OPT_ENVID, "order-4711", "order-4711", 0, NULL},
	{OPT_ENVID, "", NULL, 0, "1 to 100"},
	{OPT_ENVID, "\303\266", NULL, 0, "1 to 100"},
	{OPT_HELP, "", "", 1, NULL},
	{OPT_HELP, "x", NULL, 0, "expected no argument, got x"},
	{OPT_DEBUG, "0.1", "", 1, NULL},
};

static void texts_parse_format_and_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct value_case *c = &cases[i];
		const struct option_row *row = &option_table[c->id];
		AUTO(error) err = ERROR_INIT;
		AUTO(strbuf) text = STRBUF_INIT;
		struct value v = {.set = false}, copy = {.set = false};
		bool ok = value_parse(row, span_of(c->text), &v, &err);
		assert_int_equal(ok, c->formatted != NULL);
		if (!ok) {
			assert_false(v.set);
			assert_int_equal(err.status.kind, ERROR_CONFIG);
			if (!strstr(err.status.text, c->says))
				fail_msg("\"%s\" does not say \"%s\"", err.status.text, c->says);
			continue;
		}
		assert_int_equal(err.status.kind, ERROR_NONE);
		value_format(row, &v, &text);
		assert_string_equal(text.buf, c->formatted);
		assert_int_equal(v.n, c->n);
		value_copy(&copy, &v);
		assert_true(value_equal(row, &v, &copy));
		value_release(&copy);
		assert_false(value_equal(row, &v, &copy));
		value_release(&v);
	}
}

static void failure_leaves_the_value_alone(void **state)
{
	(void)state;
	struct value v = {.set = false};
	assert_true(value_parse(&option_table[OPT_USER], SPAN_LIT("joe"), &v, NULL));
	assert_false(value_parse(&option_table[OPT_USER], SPAN_LIT("a\nb"), &v, NULL));
	assert_string_equal(v.s, "joe");
	value_release(&v);
}

static void a_nul_never_hides_the_rest(void **state)
{
	(void)state;
	struct value v = {.set = false};
	assert_false(value_parse(&option_table[OPT_USER], SPAN_LIT("joe\0x"), &v, NULL));
	assert_false(value_parse(&option_table[OPT_HOST], SPAN_LIT("a\0b"), &v, NULL));
	assert_false(value_parse(&option_table[OPT_TLS], SPAN_LIT("on\0"), &v, NULL));
	assert_false(value_parse(&option_table[OPT_PASSWORD], SPAN_LIT("canary\0x"), &v, NULL));
	assert_false(v.set);
}

static void secrets_are_kept_and_never_shown(void **state)
{
	(void)state;
	const struct option_row *row = &option_table[OPT_PASSWORD];
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) text = STRBUF_INIT;
	struct value v = {.set = false}, other = {.set = false};
	assert_true(value_parse(row, SPAN_LIT("canary \"x\""), &v, NULL));
	assert_true(span_equals_str(secret_reveal(&v.secret), "canary \"x\""));
	value_format(row, &v, &text);
	assert_string_equal(text.buf, "<hidden>");
	assert_false(value_parse(row, SPAN_LIT("canary\r\nx"), &v, &err));
	assert_null(strstr(err.status.text, "canary"));
	assert_true(value_parse(row, SPAN_LIT("other"), &other, NULL));
	assert_false(value_equal(row, &v, &other));
	value_release(&v);
	value_release(&other);
}

static void long_arguments_are_cut_in_errors_only(void **state)
{
	(void)state;
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	struct value v = {.set = false};
	for (size_t i = 0; i < 100000; i++)
		strbuf_addch(&text, 'a');
	assert_true(value_parse(&option_table[OPT_USER], strbuf_span(&text), &v, NULL));
	assert_int_equal(strlen(v.s), 100000);
	assert_false(value_parse(&option_table[OPT_PORT], strbuf_span(&text), &v, &err));
	assert_true(strlen(err.status.text) < 200);
	strbuf_setlen(&text, 100);
	assert_true(value_parse(&option_table[OPT_ENVID], strbuf_span(&text), &v, NULL));
	strbuf_addch(&text, 'a');
	assert_false(value_parse(&option_table[OPT_ENVID], strbuf_span(&text), &v, NULL));
	value_release(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_parse_format_and_read_back),
		cmocka_unit_test(failure_leaves_the_value_alone),
		cmocka_unit_test(a_nul_never_hides_the_rest),
		cmocka_unit_test(secrets_are_kept_and_never_shown),
		cmocka_unit_test(long_arguments_are_cut_in_errors_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
