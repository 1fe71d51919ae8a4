/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/env.h"

#include "../lib/test_runtime.h"

#include <string.h>
#include <unistd.h>

#define STRANGER 54321 /* a user id without passwd entry */

static void a_variable_is_found_by_its_full_name(void **state)
{
	(void)state;
	char *const *env = TEST_ENV("AB=1", "A=2", "A=3", "EMPTY=", "NONE");
	assert_string_equal(env_get(env, "A"), "2");
	assert_string_equal(env_get(env, "AB"), "1");
	assert_string_equal(env_get(env, "EMPTY"), "");
	assert_null(env_get(env, "NONE"));
	assert_null(env_get(env, "B"));
	assert_null(env_get(NULL, "A"));
}

static void tilde_is_home(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"~", "/h o"}, {"~/", "/h o/"}, {"~/x/~", "/h o/x/~"}, {"~user/x", "~user/x"}, {"/a/~", "/a/~"},
		{"x", "x"},    {"", ""},
	};
	char *const *env = TEST_ENV("HOME=/h o");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *path = env_expand_home(env, rows[i].in, NULL);
		assert_string_equal(path, rows[i].out);
	}
}

static void home_must_be_absolute(void **state)
{
	(void)state;
	AUTO_FREE char *home = env_home(TEST_ENV("HOME=/abs"));
	assert_string_equal(home, "/abs");
	AUTO_FREE char *passwd = env_home(NULL); /* NULL for a user without an entry */
	assert_true(!passwd || passwd[0] == '/');
	static const char *const useless[] = {"HOME=", "HOME=relative", "HOME=./x"};
	for (size_t i = 0; i < ARRAY_SIZE(useless); i++) {
		char *const *env = TEST_ENV(useless[i]);
		AUTO_FREE char *got = env_home(env);
		assert_int_equal(got != NULL, passwd != NULL);
		if (got)
			assert_string_equal(got, passwd);
	}
}

static void a_user_without_home_is_reported(void **state)
{
	(void)state;
	if (getuid() != 0) {
		print_message("skipped: becoming a user without an entry needs root\n");
		skip();
	}
	assert_int_equal(setresuid(STRANGER, 0, 0), 0);
	AUTO_FREE char *home = env_home(NULL), *config = env_config_home(NULL), *folder = env_state_folder(NULL);
	AUTO(error) err = ERROR_INIT;
	AUTO_FREE char *path = env_expand_home(NULL, "~/x", &err);
	assert_int_equal(setresuid(0, 0, 0), 0);
	assert_null(home);
	assert_null(config);
	assert_null(folder);
	assert_null(path);
	assert_int_equal(err.status.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.status.text, "~/x"));
}

static void folders_follow_xdg(void **state)
{
	(void)state;
	static const struct {
		const char *config, *state;
		const char *config_home, *state_folder;
	} rows[] = {
		{"x", "x", "/abs/.config", "/abs/.local/state/posthaste"},
		{"XDG_CONFIG_HOME=", "XDG_STATE_HOME=", "/abs/.config", "/abs/.local/state/posthaste"},
		{"XDG_CONFIG_HOME=rel", "XDG_STATE_HOME=rel", "/abs/.config", "/abs/.local/state/posthaste"},
		{"XDG_CONFIG_HOME=/xdg", "XDG_STATE_HOME=/x/state", "/xdg", "/x/state/posthaste"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *const *env = TEST_ENV("HOME=/abs", rows[i].config, rows[i].state);
		AUTO_FREE char *config = env_config_home(env), *folder = env_state_folder(env);
		assert_string_equal(config, rows[i].config_home);
		assert_string_equal(folder, rows[i].state_folder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_variable_is_found_by_its_full_name),
		cmocka_unit_test(tilde_is_home),
		cmocka_unit_test(home_must_be_absolute),
		cmocka_unit_test(a_user_without_home_is_reported),
		cmocka_unit_test(folders_follow_xdg),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
