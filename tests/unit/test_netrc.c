/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "secret/netrc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define M "machine mail.example.org "

static const struct row {
	const char *text, *host, *user;
	const char *password; /* NULL: none */
} rows[] = {
	/* the words there are */
	{M "login joe password x", "mail.example.org", "joe", "x"},
	{M "user joe passwd x\n", "mail.example.org", "joe", "x"},
	{M "password x login joe\n", "mail.example.org", "joe", "x"},
	{M "\n\tlogin joe\r\n\tpassword x\r\n", "mail.example.org", "joe", "x"},
	{M "login joe account password password x\n", "mail.example.org", "joe", "x"},
	{M "login joe port 465 password x\n", "mail.example.org", "joe", "x"},
	{M "login joe password x password y\n", "mail.example.org", "joe", "y"},
	{M "login password password x\n", "mail.example.org", "password", "x"},
	/* whose it is */
	{M "login joe password x", "MAIL.Example.ORG", "joe", "x"},
	{M "login joe password x", "mail.example.org", "Joe", NULL},
	{M "login joe password x", "example.org", "joe", NULL},
	{M "login joe password x", "mail.example.organ", "joe", NULL},
	{M "login ann password a\n" M "login joe password j\n", "mail.example.org", "joe", "j"},
	{M "login ann password a\n" M "login joe password j\n", "mail.example.org", "ann", "a"},
	{M "login ann password a\n" M "login joe password j\n", "mail.example.org", "eve", NULL},
	{M "login joe password 1\n" M "login joe password 2\n", "mail.example.org", "joe", "1"},
	{M "password any\n" M "login joe password j\n", "mail.example.org", "joe", "j"},
	{M "password any\n" M "login joe password j\n", "mail.example.org", "eve", "any"},
	{M "login joe\n" M "login joe password j\n", "mail.example.org", "joe", "j"},
	{M "login joe\nmachine other.example password o\n", "mail.example.org", "joe", NULL},
	/* default */
	{"default login joe password d\n", "anything", "joe", "d"},
	{"default login joe password d\n", "anything", "ann", NULL},
	{"default password d\n", "anything", "ann", "d"},
	{M "login joe password x\ndefault login joe password d\n", "mail.example.org", "joe", "x"},
	{"default login joe password d\n" M "password x\n", "mail.example.org", "joe", "x"},
	{M "login ann password x\ndefault password d\n", "mail.example.org", "joe", "d"},
	/* quotes */
	{M "login joe password \"a b\"\n", "mail.example.org", "joe", "a b"},
	{M "login joe password 'a b'\n", "mail.example.org", "joe", "a b"},
	{M "login joe password 'a\"b'\n", "mail.example.org", "joe", "a\"b"},
	{M "login joe password 'a\\b'\n", "mail.example.org", "joe", "a\\b"},
	{M "login joe password \"a\\\"b\\\\c\\d\"\n", "mail.example.org", "joe", "a\"b\\cd"},
	{M "login joe password a\\b\n", "mail.example.org", "joe", "a\\b"},
	{M "login joe password a\"b'c\n", "mail.example.org", "joe", "a\"b'c"},
	{M "login joe password \"a\"b login eve\n", "mail.example.org", "eve", "ab"},
	{M "login joe password \"\"\n", "mail.example.org", "joe", ""},
	{M "login \"joe doe\" password x\n", "mail.example.org", "joe doe", "x"},
	{"machine \"mail.example.org\" login 'joe' password x\n", "mail.example.org", "joe", "x"},
	{M "login joe password \"to the end\nlogin eve\n", "mail.example.org", "eve", "to the end"},
	{M "login joe password \"back\\\nlogin eve\n", "mail.example.org", "eve", "back\\"},
	{M "login joe password \"open", "mail.example.org", "joe", "open"},
	{M "login joe password \"", "mail.example.org", "joe", ""},
	/* a quoted word is no keyword */
	{"\"machine\" mail.example.org login joe password x\n", "mail.example.org", "joe", NULL},
	/* comments */
	{"# " M "login joe password no\n" M "login joe password x\n", "mail.example.org", "joe", "x"},
	{M "login joe # password no\npassword x\n", "mail.example.org", "joe", "x"},
	{M "login joe password #x\n", "mail.example.org", "joe", "#x"},
	{M "login joe password x#y\n", "mail.example.org", "joe", "x#y"},
	{"# no line end", "mail.example.org", "joe", NULL},
	/* macros */
	{"macdef init\n" M "login joe password no\n\n" M "login joe password x\n", "mail.example.org", "joe", "x"},
	{"macdef init\r\n" M "login joe password no\r\n\r\n" M "login joe password x\r\n", "mail.example.org", "joe",
	 "x"},
	{"macdef init\n" M "login joe password no\n", "mail.example.org", "joe", NULL},
	{M "login joe password x macdef init\npassword no\n\npassword y\n", "mail.example.org", "joe", "y"},
	{"macdef", "mail.example.org", "joe", NULL},
	/* cut short */
	{"", "mail.example.org", "joe", NULL},
	{"machine", "mail.example.org", "joe", NULL},
	{"machine\n", "", "joe", NULL},
	{M "login", "mail.example.org", "joe", NULL},
	{M "login joe password", "mail.example.org", "joe", NULL},
	{"login joe password x\n", "mail.example.org", "joe", NULL},
};

static void entries_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) out = SECRET_INIT;
		print_message("# row %zu\n", i);
		assert_int_equal(netrc_find(span_of(rows[i].text), rows[i].host, rows[i].user, &out),
				 rows[i].password != NULL);
		if (rows[i].password)
			assert_string_equal(secret_reveal(&out).ptr, rows[i].password);
		else
			assert_false(secret_is_set(&out));
	}
}

static void octets_of_all_kinds_pass(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	static const char text[] = "\0\xff machine h login u password \xc3\xa9\0z\n";
	assert_true(netrc_find(span_make(text, sizeof(text) - 1), "h", "u", &out));
	assert_int_equal(secret_reveal(&out).len, 4);
	assert_memory_equal(secret_reveal(&out).ptr, "\xc3\xa9\0z", 4);
}

/* Quadratic work on this would take minutes. */
static void many_entries_and_open_quotes_take_linear_time(void **state)
{
	(void)state;
	static const char *const pieces[] = {
		"machine h login \"u password \" ", "macdef m\n", "\"", "default password x ", "# ", "machine h "};
	for (size_t p = 0; p < ARRAY_SIZE(pieces); p++) {
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(secret) out = SECRET_INIT;
		while (text.len < 1000000)
			strbuf_adds(&text, pieces[p]);
		(void)!netrc_find(strbuf_span(&text), "h", "nobody", &out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_found),
		cmocka_unit_test(octets_of_all_kinds_pass),
		cmocka_unit_test(many_entries_and_open_quotes_take_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
