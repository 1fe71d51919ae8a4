/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where tokens are kept, with a script in the place of the keyring's helper. */
#include "base/xalloc.h"
#include "oauth/token_store.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "../lib/test_runtime.h"

static char root[64], *home, *helper;
static const char *environment[3];
static struct oauth_settings settings;
static struct runtime runtime;
static struct oauth_store store;

static char *in_root(const char *name)
{
	return xasprintf("%s/%s", root, name);
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	AUTO_FREE char *path = in_root(name);
	AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static bool exists(const char *name)
{
	AUTO_FREE char *path = in_root(name);
	return access(path, F_OK) == 0;
}

/* What the keyring answers to everything; "": it works. */
static void keyring_says(const char *words)
{
	write_file("mode", words, 0600);
}

static int setup(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/posthaste-test-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	home = xasprintf("HOME=%s", root);
	environment[0] = home;
	environment[1] = "PATH=/usr/bin:/bin";
	helper = in_root("helper");
	AUTO_FREE char *script =
		xasprintf("#!/bin/sh\n"
			  "cd %s || exit 1\n"
			  "tr '\\000' '\\n' >request\n"
			  "if [ -s mode ]; then cat mode; exit 0; fi\n"
			  "case $(sed -n 1p request) in\n"
			  "find) if [ -e ring ]; then printf 'found\\n'; cat ring; else echo none; fi ;;\n"
			  "store) sed -n 4p request | tr -d '\\n' >ring; echo stored ;;\n"
			  "remove) if rm ring 2>/dev/null; then echo removed; else echo none; fi ;;\n"
			  "esac\n",
			  root);
	write_file("helper", script, 0700);
	keyring_says("");
	settings = OAUTH_SETTINGS_INIT;
	settings.account = xstrdup("work/../x y");
	settings.user = xstrdup("joe");
	settings.server = xstrdup("https://t.example/token");
	settings.value[OAUTH_CLIENT_ID].text = xstrdup("id");
	runtime = test_runtime();
	runtime.environ = (char *const *)(const void *)environment;
	runtime.helpers.keyring = helper;
	store = (struct oauth_store){.runtime = &runtime,
				     .settings = &settings,
				     .keyring = true,
				     .deadline = deadline_in(&clock_system, 60000)};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		(void)execlp("rm", "rm", "-rf", "--", root, (char *)NULL);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
	oauth_settings_release(&settings);
	free(home);
	free(helper);
	return 0;
}

#define LOGIN ".local/state/posthaste/tokens/work%2F..%2Fx%20y"
#define TOKEN ".cache/posthaste/tokens/work%2F..%2Fx%20y"
#define LOGIN_LEFT ".local/state/posthaste/tokens/.work%2F..%2Fx%20y.0123456789abcdef"
#define TOKEN_LEFT ".cache/posthaste/tokens/.work%2F..%2Fx%20y.0123456789abcdef"

static bool save(const char *refresh, bool keyring)
{
	AUTO(oauth_login) login = {.refresh = SECRET_INIT, .login_ms = 7, .keyring = keyring};
	AUTO(error) err = ERROR_INIT;
	secret_set(&login.refresh, refresh, strlen(refresh));
	return oauth_store_save_login(&store, &login, NULL, &err);
}

static void must_load(const char *refresh, bool strayed)
{
	AUTO(oauth_login) login = OAUTH_LOGIN_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_int_equal(oauth_store_load_login(&store, &login, &err), OAUTH_STORED_FOUND);
	assert_true(span_equals_str(secret_reveal(&login.refresh), refresh));
	assert_true(login.login_ms == 7);
	assert_int_equal(login.strayed, strayed);
}

static enum oauth_stored load(enum error_kind *kind)
{
	AUTO(oauth_login) login = OAUTH_LOGIN_INIT;
	AUTO(error) err = ERROR_INIT;
	enum oauth_stored got = oauth_store_load_login(&store, &login, &err);
	*kind = err.status.kind;
	return got;
}

static bool file_has(const char *name, const char *words)
{
	AUTO_FREE char *path = in_root(name);
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(error) err = ERROR_INIT;
	return fd >= 0 && fs_read_fd(fd, &text, 1 << 20, &err) && strstr(text.buf, words);
}

/* ---- the login ---- */

static void the_keyring_has_the_login_and_the_file_says_so(void **state)
{
	(void)state;
	enum error_kind kind;
	assert_int_equal(load(&kind), OAUTH_STORED_NONE);
	assert_true(oauth_store_checksum(&store) == 0);
	assert_true(save("canary", true));
	assert_true(exists("ring"));
	assert_false(file_has(LOGIN, "canary"));
	must_load("canary", false);
	assert_true(oauth_store_checksum(&store) != 0);
}

static void without_a_keyring_it_is_in_the_file(void **state)
{
	(void)state;
	AUTO_FREE char *path = in_root(LOGIN);
	struct stat st;
	store.keyring = false;
	assert_true(save("canary", false));
	assert_false(exists("ring"));
	must_load("canary", false);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void a_keyring_that_dies_in_the_middle_loses_nothing(void **state)
{
	(void)state;
	assert_true(save("first", true));
	keyring_says("no bus\n");
	assert_true(save("second", true));
	must_load("second", true);
	keyring_says("");
	must_load("second", true); /* the keyring has the old one still */
	assert_true(save("second", true));
	must_load("second", false);
	assert_false(file_has(LOGIN, "second"));
}

static void a_keyring_that_cannot_be_asked_is_no_lost_login(void **state)
{
	(void)state;
	enum error_kind kind;
	assert_true(save("canary", true));
	keyring_says("locked\n");
	assert_int_equal(load(&kind), OAUTH_STORED_ERROR);
	assert_int_equal(kind, ERROR_SECRET_UNAVAILABLE);
	keyring_says("no bus\n");
	assert_int_equal(load(&kind), OAUTH_STORED_ERROR);
	assert_int_equal(kind, ERROR_SECRET_UNAVAILABLE);
	store.keyring = false;
	assert_int_equal(load(&kind), OAUTH_STORED_ERROR);
	assert_int_equal(kind, ERROR_CONFIG);
	store.keyring = true;
	keyring_says("");
	must_load("canary", false);
}

static void other_settings_have_no_login(void **state)
{
	(void)state;
	enum error_kind kind;
	char **values[] = {&settings.user, &settings.server, &settings.value[OAUTH_CLIENT_ID].text,
			   &settings.value[OAUTH_SCOPE].text};
	assert_true(save("canary", true));
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		AUTO_FREE char *old = xstrdup_null(*values[i]);
		xreplace(values[i], "another");
		assert_int_equal(load(&kind), OAUTH_STORED_FOREIGN);
		assert_true(oauth_store_checksum(&store) == 0);
		xreplace(values[i], old);
		must_load("canary", false);
	}
}

static void what_is_removed_is_gone_everywhere(void **state)
{
	(void)state;
	enum error_kind kind;
	bool removed;
	AUTO(error) err = ERROR_INIT;
	struct oauth_token token = {SECRET_INIT, 1000, 5000};
	secret_set(&token.access, "tok", 3);
	assert_true(oauth_store_remove(&store, &removed, &err));
	assert_false(removed);
	assert_true(save("canary", true));
	assert_true(oauth_store_save_token(&store, &token, &err));
	assert_true(oauth_store_remove(&store, &removed, &err));
	assert_true(removed);
	assert_false(exists("ring") || exists(LOGIN) || exists(TOKEN));
	assert_int_equal(load(&kind), OAUTH_STORED_NONE);
	oauth_token_release(&token);
}

/* ---- the access token ---- */

static void an_access_token_is_kept_unless_it_is_for_once(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	AUTO(oauth_token) got = OAUTH_TOKEN_INIT;
	AUTO(oauth_token) token = {SECRET_INIT, 1000, 5000};
	assert_false(oauth_store_load_token(&store, &got));
	secret_set(&token.access, "tok", 3);
	assert_true(oauth_store_save_token(&store, &token, &err));
	assert_true(oauth_store_load_token(&store, &got));
	assert_true(span_equals_str(secret_reveal(&got.access), "tok"));
	assert_true(got.issued_ms == 1000 && got.life_ms == 5000);
	token.life_ms = 0;
	assert_true(oauth_store_save_token(&store, &token, &err));
	assert_false(exists(TOKEN));
}

static void the_lock_is_one_for_all_accounts_of_that_name(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	int lock = oauth_store_lock(&store, &err);
	assert_true(lock >= 0);
	store.deadline = clock_monotonic(&clock_system);
	assert_int_equal(oauth_store_lock(&store, &err), -1);
	(void)close(lock);
	lock = oauth_store_lock(&store, &err);
	assert_true(lock >= 0);
	(void)close(lock);
}

static void who_has_the_lock_sweeps_both_folders(void **state)
{
	(void)state;
	AUTO(oauth_token) token = {.access = SECRET_INIT, .issued_ms = 1, .life_ms = 3600000};
	AUTO(error) err = ERROR_INIT;
	secret_set(&token.access, "access", 6);
	assert_true(save("refresh", false) && oauth_store_save_token(&store, &token, &err));
	write_file(LOGIN_LEFT, "of a process that was killed", 0600);
	write_file(TOKEN_LEFT, "of a process that was killed", 0600);
	AUTO_FD int lock = oauth_store_lock(&store, &err);
	assert_true(lock >= 0);
	assert_false(exists(LOGIN_LEFT) || exists(TOKEN_LEFT));
	assert_true(exists(LOGIN) && exists(TOKEN));
}

/* The caller of a set-user-ID program chooses HOME, and with it what would be read and written with more rights. */
static void with_more_rights_than_the_caller_nothing_is_touched(void **state)
{
	(void)state;
	AUTO(oauth_login) login = OAUTH_LOGIN_INIT;
	AUTO(oauth_token) token = {.life_ms = 1000, .access = SECRET_INIT};
	AUTO(error) err = ERROR_INIT;
	bool removed;
	secret_set(&token.access, "access", 6);
	assert_true(save("refresh", false));
	assert_true(oauth_store_save_token(&store, &token, &err));
	runtime.privileged = true;
	assert_int_equal(oauth_store_load_login(&store, &login, &err), OAUTH_STORED_ERROR);
	assert_non_null(strstr(err.status.text, "set-user-ID"));
	assert_false(oauth_store_load_token(&store, &token));
	assert_false(save("other", false));
	assert_false(oauth_store_save_token(&store, &token, &err));
	assert_int_equal(oauth_store_lock(&store, &err), -1);
	assert_false(oauth_store_remove(&store, &removed, &err));
	assert_null(oauth_store_mark_path(&store));
	oauth_store_mark_login(&store);
	AUTO_FREE char *mark = in_root(".local/state/posthaste/tokens/.work%2F..%2Fx%20y.login");
	assert_int_not_equal(access(mark, F_OK), 0);
	runtime.privileged = false;
	must_load("refresh", false);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_keyring_has_the_login_and_the_file_says_so),
		TEST(without_a_keyring_it_is_in_the_file),
		TEST(a_keyring_that_dies_in_the_middle_loses_nothing),
		TEST(a_keyring_that_cannot_be_asked_is_no_lost_login),
		TEST(other_settings_have_no_login),
		TEST(what_is_removed_is_gone_everywhere),
		TEST(an_access_token_is_kept_unless_it_is_for_once),
		TEST(the_lock_is_one_for_all_accounts_of_that_name),
		TEST(who_has_the_lock_sweeps_both_folders),
		TEST(with_more_rights_than_the_caller_nothing_is_touched),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
