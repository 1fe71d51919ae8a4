/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "oauth/token_entry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define FIRST "posthaste token 1\nclient_id id\nserver https://a.example/t\nscope a b\nuser joe\n"
#define WHOLE FIRST "login 1\nissued 2\nlife 3\nplace file\nsecret tok\nend\n"

static void what_is_written_is_read(void **state)
{
	(void)state;
	const struct oauth_entry e = {
		SPAN_LIT("id"), SPAN_LIT("https://a.example/t"), SPAN_LIT("a b"), SPAN_LIT("joe"), 1, 2, 3, false,
		SPAN_LIT("tok")};
	AUTO(secret) text = SECRET_INIT;
	struct oauth_entry got;
	oauth_entry_format(&e, &text);
	assert_string_equal(secret_reveal(&text).ptr, WHOLE);
	assert_true(oauth_entry_parse(secret_reveal(&text), &got));
	assert_true(span_equals_str(got.client_id, "id"));
	assert_true(span_equals_str(got.server, "https://a.example/t"));
	assert_true(span_equals_str(got.scope, "a b"));
	assert_true(span_equals_str(got.user, "joe"));
	assert_true(span_equals_str(got.secret, "tok"));
	assert_true(got.login_ms == 1 && got.issued_ms == 2 && got.life_ms == 3 && !got.keyring);
}

static void a_token_in_the_keyring_is_not_in_the_file(void **state)
{
	(void)state;
	const struct oauth_entry e = {SPAN_LIT(""), SPAN_LIT(""), SPAN_LIT(""), SPAN_LIT(""), -1, 0, 0,
				      true,	    {NULL, 0}};
	AUTO(secret) text = SECRET_INIT;
	struct oauth_entry got;
	oauth_entry_format(&e, &text);
	assert_true(oauth_entry_parse(secret_reveal(&text), &got));
	assert_true(got.keyring && !got.secret.ptr && got.login_ms == 0);
}

/* Wherever the file ends early, it is torn. */
static void every_beginning_is_refused(void **state)
{
	(void)state;
	struct oauth_entry got;
	for (size_t n = 0; n < strlen(WHOLE); n++)
		assert_false(oauth_entry_parse(span_make(WHOLE, n), &got));
	assert_true(oauth_entry_parse(SPAN_LIT(WHOLE), &got));
}

static void anything_else_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		WHOLE "end\n",
		"posthaste token 2\n" WHOLE,
		FIRST "login x\nissued 2\nlife 3\nplace file\nsecret tok\nend\n",
		FIRST "login -1\nissued 2\nlife 3\nplace file\nsecret tok\nend\n",
		FIRST "login 99999999999999999999\nissued 2\nlife 3\nplace file\nsecret tok\nend\n",
		FIRST "login 1\nissued 2\nlife 3\nplace moon\nsecret tok\nend\n",
		FIRST "login 1\nissued 2\nlife 3\nplace file\nend\n",
		FIRST "login 1\nissued 2\nlife 3\nplace file\nsecret \nend\n",
		FIRST "login 1\nissued 2\nlife 3\nplace file\nsecret a b\nend\n",
		FIRST "login 1\nissued 2\nlife 3\nplace keyring\nsecret a\rb\nend\n",
		FIRST "issued 2\nlogin 1\nlife 3\nplace file\nsecret tok\nend\n",
	};
	struct oauth_entry got;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_false(oauth_entry_parse(span_of(texts[i]), &got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_token_in_the_keyring_is_not_in_the_file),
		cmocka_unit_test(every_beginning_is_refused),
		cmocka_unit_test(anything_else_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
