/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of listen_users, and the keys of users that there are not. */
#include "auth/login_users.h"
#include "base/strbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SALT "vyp003RxDBqbP9hr"
#define KEY_256 "G7sV7klCkPkC/Q/f25LGTCfBBWpUNw96mhq2WU+G+M4="
#define OTHER_256 "QVBquiw770KclyZ8waUtfd0y5WEDx5l3JUMGvKqWenc="
#define KEY_1 "WJFZoKz22CO0xmcL/AtV7wpCeXo="
#define OTHER_1 "ztGDhUrv6zEAzddz99znGE4Xo9c="
#define SHA_256 "{SCRAM-SHA-256}4096," SALT "," KEY_256 "," OTHER_256
#define SHA_1 "{SCRAM-SHA-1}5000," SALT "," KEY_1 "," OTHER_1

static bool parse(struct login_users *users, const char *text, struct error *err)
{
	return login_users_parse(users, span_of(text), "/x/users", err);
}

static void the_file_is_read(void **state)
{
	AUTO(login_users) users = LOGIN_USERS_INIT;
	(void)state;
	assert_true(parse(&users,
			  "\xef\xbb\xbf# comment\n\nzoe:" SHA_256 "\r\nalice:" SHA_1 "\nalice:" SHA_256
			  "\n b\xc3\xa4r@example.org:{scram-sha-256}600000," SALT "," KEY_256 "," OTHER_256,
			  NULL));
	assert_int_equal(users.n, 3);
	const struct login_user *alice = login_users_find(&users, "alice");
	assert_non_null(alice);
	assert_int_equal(alice->keys[LOGIN_SHA_256].iterations, 4096);
	assert_int_equal(alice->keys[LOGIN_SHA_1].iterations, 5000);
	assert_string_equal(alice->keys[LOGIN_SHA_256].salt, SALT);
	assert_string_equal(alice->keys[LOGIN_SHA_256].stored_key, KEY_256);
	assert_string_equal(alice->keys[LOGIN_SHA_256].server_key, OTHER_256);
	assert_int_equal(login_users_find(&users, "zoe")->keys[LOGIN_SHA_1].iterations, 0);
	assert_int_equal(login_users_find(&users, "b\xc3\xa4r@example.org")->keys[LOGIN_SHA_256].iterations, 600000);
	assert_null(login_users_find(&users, "Alice"));
	assert_null(login_users_find(&users, ""));
	assert_true(login_users_all_have(&users, LOGIN_SHA_256));
	assert_false(login_users_all_have(&users, LOGIN_SHA_1));
}

/* What stands there may be a password, so the error does not repeat it. */
static void faults_name_the_line_and_nothing_else(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{"", "no user"},
		{"# only this\n", "no user"},
		{"alice:Canary", "line 1 of /x/users"},
		{"a:" SHA_256 "\n\nCanary\n", "line 3 of"},
		{"alice:{PLAIN}Canary", "line 1"},
		{":" SHA_256, "line 1"},
		{"a\tb:" SHA_256, "line 1"},
		{"a\xff:" SHA_256, "line 1"},
		{"a :" SHA_256, "line 1"},
		{"a:{SCRAM-SHA-256}4095," SALT "," KEY_256 "," OTHER_256, "line 1"},
		{"a:{SCRAM-SHA-256}600001," SALT "," KEY_256 "," OTHER_256, "line 1"},
		{"a:{SCRAM-SHA-256}x," SALT "," KEY_256 "," OTHER_256, "line 1"},
		{"a:{SCRAM-SHA-256}4096,," KEY_256 "," OTHER_256, "line 1"},
		{"a:{SCRAM-SHA-256}4096,!," KEY_256 "," OTHER_256, "line 1"},
		{"a:{SCRAM-SHA-256}4096," KEY_256 KEY_256 "," KEY_256 "," OTHER_256, "line 1"},
		{"a:{SCRAM-SHA-256}4096," SALT "," KEY_1 "," OTHER_256, "line 1"},
		{"a:{SCRAM-SHA-256}4096," SALT "," KEY_256 "," OTHER_1, "line 1"},
		{"a:{SCRAM-SHA-256}4096," SALT "," KEY_256, "line 1"},
		{"a:" SHA_256 ",", "line 1"},
		{"a:" SHA_256 ":1000:1000", "line 1"},
		{"a:{SCRAM-SHA-1}4096," SALT "," KEY_256 "," OTHER_256, "line 1"},
		{"a:" SHA_256 "\nb:" SHA_256 "\na:" SHA_256, "two lines of the same kind for a"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(login_users) users = LOGIN_USERS_INIT;
		AUTO(error) err = ERROR_INIT;
		if (parse(&users, rows[i].text, &err))
			fail_msg("taken: %s", rows[i].text);
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.status.text, rows[i].says));
		assert_null(strstr(err.status.text, "Canary"));
	}
}

static void invent(const char *file, const char *name, struct login_key *out)
{
	AUTO(login_users) users = LOGIN_USERS_INIT;
	assert_true(parse(&users, file, NULL));
	assert_true(login_users_invent(&users, name, LOGIN_SHA_256, out));
}

/* As a real one looks, the same each time, and not the same for two names or in two files. */
static void unknown_names_have_stable_keys(void **state)
{
	struct login_key a, again, later, other, elsewhere;
	(void)state;
	invent("alice:" SHA_256 "\n", "mallory", &a);
	invent("alice:" SHA_256 "\n", "mallory", &again);
	invent("alice:" SHA_256 "\nzoe:" SHA_256 "\n", "mallory", &later);
	invent("alice:" SHA_256 "\n", "mallorz", &other);
	invent("alice:{SCRAM-SHA-256}4096," SALT "," OTHER_256 "," KEY_256 "\n", "mallory", &elsewhere);
	assert_int_equal(a.iterations, 4096);
	assert_int_equal(strlen(a.salt), strlen(SALT));
	assert_string_equal(a.salt, again.salt);
	assert_string_equal(a.salt, later.salt);
	assert_string_not_equal(a.salt, other.salt);
	assert_string_not_equal(a.salt, elsewhere.salt);
	assert_int_equal(strlen(a.stored_key), strlen(KEY_256));
	assert_int_equal(strlen(a.server_key), strlen(KEY_256));
	assert_string_not_equal(a.stored_key, a.server_key);
	struct login_key *all[] = {&a, &again, &later, &other, &elsewhere};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		login_key_release(all[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_file_is_read),
		cmocka_unit_test(faults_name_the_line_and_nothing_else),
		cmocka_unit_test(unknown_names_have_stable_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
