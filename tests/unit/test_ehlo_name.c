/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/ehlo_name.h"

#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#define LABEL63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define NAME253                             \
	LABEL63 "." LABEL63 "." LABEL63 "." \
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define UMLAUT "\xc3\xbc"

static void names_are_what_ehlo_may_carry(void **state)
{
	(void)state;
	static const struct {
		const char *given, *want; /* NULL: refused */
	} cases[] = {
		{"localhost", "localhost"},
		{"mail.example.org", "mail.example.org"},
		{"MAIL.Example.ORG", "MAIL.Example.ORG"},
		{"my_pc.lan", "my_pc.lan"},
		{"123456789012", "123456789012"}, /* what a container may be called */
		{"3com.example", "3com.example"},
		{LABEL63, LABEL63},
		{NAME253, NAME253},
		{NAME253 ".", NAME253},
		/* corrected */
		{"foo.", "foo"},
		{"mail.example.org.", "mail.example.org"},
		{"b" UMLAUT "cher.test", "xn--bcher-kva.test"},
		{"B" UMLAUT "CHER.test", "xn--bcher-kva.test"},
		{"b" UMLAUT "cher.test.", "xn--bcher-kva.test"},
		{"\xe4\xbe\x8b\xe3\x80\x82\xe6\xb5\x8b\xe8\xaf\x95",
		 "xn--fsq.xn--0zwm56d"}, /* an ideographic full stop */
		{"127.0.0.1", "[127.0.0.1]"},
		{"[127.0.0.1]", "[127.0.0.1]"},
		{"::1", "[IPv6:::1]"},
		{"[::1]", "[IPv6:::1]"},
		{"2001:db8::1", "[IPv6:2001:db8::1]"},
		{"IPv6:2001:db8::1", "[IPv6:2001:db8::1]"},
		{"[ipv6:2001:db8::1]", "[IPv6:2001:db8::1]"},
		{"::ffff:192.0.2.1", "[IPv6:::ffff:192.0.2.1]"},
		/* refused */
		{".", NULL},
		{"..", NULL},
		{"foo..", NULL},
		{".foo", NULL},
		{"a..b", NULL},
		{"-a.example", NULL},
		{"a-.example", NULL},
		{"a@b", NULL},
		{"<a.example>", NULL},
		{"a/b", NULL},
		{"%H.example", NULL},
		{"a\x01.example", NULL},
		{"a\x7f.example", NULL},
		{LABEL63 "a", NULL},
		{NAME253 "a", NULL},
		{NAME253 ".example", NULL},
		{"b\xfc"
		 "cher.test",
		 NULL}, /* Latin-1 */
		{"\xc3.test", NULL},
		{"a\xe2\x80\xa8.test", NULL}, /* U+2028 */
		{"a\xe2\x80\xae.test", NULL}, /* U+202E */
		{"a\xc2\xa0.test", NULL},     /* U+00A0 */
		{"\xf0\x9f\x98\x80\xef\xbf\xbe.test", NULL},
		{"256.0.0.1", NULL},
		{"127.1", NULL},
		{"1.2.3.4.5", NULL},
		{"a.example.1", NULL},
		{"[127.0.0.1", NULL},
		{"127.0.0.1]", NULL},
		{"[]", NULL},
		{"[a.example]", NULL},
		{"[127.0.0.1].", NULL},
		{"[IPv6:127.0.0.1]", NULL},
		{"fe80::1%eth0", NULL},
		{"::1::", NULL},
		{"mail:25", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO_PTR(account) a = account_new("", FLAVOUR_OWN, NULL);
		AUTO(error) err = ERROR_INIT;
		struct origin origin = {ORIGIN_FILE, "rc", 3};
		bool read = account_set(a, OPT_DOMAIN, span_of(cases[i].given), origin, &err);
		bool ok = read && ehlo_name_settle(a, &err);
		if (ok != !!cases[i].want || (ok && strcmp(account_str(a, OPT_DOMAIN), cases[i].want) != 0))
			fail_msg("%s: %s", cases[i].given, ok ? account_str(a, OPT_DOMAIN) : err.status.text);
		if (ok)
			continue;
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		if (!read) /* a control character, which the loader reports */
			continue;
		assert_int_equal(strncmp(err.status.text, "rc, line 3: domain: ", 20), 0);
		assert_non_null(err.status.hint);
	}
}

static void a_name_of_the_command_line_is_a_wrong_argument(void **state)
{
	(void)state;
	AUTO_PTR(account) a = account_new("", FLAVOUR_OWN, NULL);
	AUTO(error) err = ERROR_INIT;
	assert_true(ehlo_name_settle(a, &err)); /* not set */
	assert_true(account_set(a, OPT_DOMAIN, SPAN_LIT("a..b"), (struct origin){ORIGIN_COMMAND_LINE, "--domain", 0},
				NULL));
	assert_false(ehlo_name_settle(a, &err));
	assert_int_equal(err.status.kind, ERROR_USAGE);
	assert_false(ehlo_name_settle(a, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_what_ehlo_may_carry),
		cmocka_unit_test(a_name_of_the_command_line_is_a_wrong_argument),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
