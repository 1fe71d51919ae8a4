/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logging out, with scripts in the place of the helpers for HTTP and the keyring. */
#include "base/fsutil.h"
#include "base/xalloc.h"
#include "oauth/login.h"
#include "tests/lib/test_runtime.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static char root[64];

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

static void read_all(const char *name, struct strbuf *out)
{
	AUTO_FREE char *path = in_root(name);
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		assert_true(fs_read_fd(fd, out, 65536, NULL));
}

static int setup(void **state)
{
	(void)state;
	(void)snprintf(root, sizeof(root), "/tmp/posthaste-test-XXXXXX");
	return mkdtemp(root) ? 0 : -1;
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
	return 0;
}

/* ---- the helpers ---- */

/* The last field of a request, the form, goes into "forms"; the answers are lines of "answers", with "|" for NUL.  The
 * word "hangs" does not answer. */
static void make_http(void)
{
	AUTO_FREE char *script = xasprintf("#!/bin/sh\n"
					   "cd %s || exit 1\n"
					   "tr '\\000' '\\n' | tail -n 1 >>forms\n"
					   "echo >>forms\n"
					   "line=$(sed -n 1p answers)\n"
					   "sed -i 1d answers\n"
					   "[ \"$line\" != hangs ] || { : >hung; exec sleep 600; }\n"
					   "printf %%s \"$line\" | tr '|' '\\000'\n",
					   root);
	write_file("http", script, 0700);
}

static void make_keyring(void)
{
	AUTO_FREE char *script =
		xasprintf("#!/bin/sh\n"
			  "cd %s || exit 1\n"
			  "tr '\\000' '\\n' >request\n"
			  "case $(sed -n 1p request) in\n"
			  "find) if [ -e ring ]; then printf 'found\\n'; cat ring; else echo none; fi ;;\n"
			  "store) sed -n 4p request | tr -d '\\n' >ring; echo stored ;;\n"
			  "remove) if rm ring 2>/dev/null; then echo removed; else echo none; fi ;;\n"
			  "esac\n",
			  root);
	write_file("keyring", script, 0700);
}

/* Ten minutes pass when the server hangs. */
static msec_t jumping_monotonic(const struct clock *clock)
{
	(void)clock;
	return clock_monotonic(&clock_system) + (exists("hung") ? 600000 : 0);
}

static int64_t jumping_wall_ms(const struct clock *clock)
{
	(void)clock;
	return clock_wall_ms(&clock_system);
}

/* ---- the account ---- */

struct account_kit {
	char *home, *http, *keyring;
	const char *environment[3];
	struct oauth_settings settings;
	struct runtime runtime;
	struct clock clock;
	struct oauth_store store;
	struct oauth_network network;
	struct oauth_refresh refresh;
};

static void account_kit_make(struct account_kit *k, bool has_address)
{
	*k = (struct account_kit){.home = xasprintf("HOME=%s", root),
				  .http = in_root("http"),
				  .keyring = in_root("keyring"),
				  .settings = OAUTH_SETTINGS_INIT,
				  .runtime = test_runtime(),
				  .clock = {jumping_monotonic, jumping_wall_ms}};
	k->environment[0] = k->home;
	k->environment[1] = "PATH=/usr/bin:/bin";
	k->settings.account = xstrdup("work");
	k->settings.user = xstrdup("joe");
	k->settings.server = xstrdup("https://login.test/token");
	k->settings.value[OAUTH_CLIENT_ID].text = xstrdup("id");
	if (has_address)
		k->settings.value[OAUTH_REVOKE_URL].text = xstrdup("https://login.test/revoke");
	k->runtime.environ = (char *const *)(const void *)k->environment;
	k->runtime.clock = &k->clock;
	k->runtime.helpers.keyring = k->keyring;
	k->runtime.helpers.http = k->http;
	k->store = (struct oauth_store){.runtime = &k->runtime,
					.settings = &k->settings,
					.keyring = true,
					.deadline = deadline_in(&k->clock, 60000)};
	k->network = (struct oauth_network){.runtime = &k->runtime, .deadline = k->store.deadline};
	k->refresh = (struct oauth_refresh){.store = &k->store, .network = &k->network};
}

static void account_kit_release(struct account_kit *k)
{
	oauth_settings_release(&k->settings);
	free(k->home);
	free(k->http);
	free(k->keyring);
}

enum place { NOWHERE, FILE_0600, TORN, KEYRING, LOST_KEYRING, FOREIGN };
#define LOGIN ".local/state/posthaste/tokens/work"
#define TOKEN ".cache/posthaste/tokens/work"

static void log_in(struct account_kit *k, enum place place, bool has_token)
{
	AUTO(oauth_login) login = {.refresh = SECRET_INIT, .login_ms = 7, .keyring = place >= KEYRING};
	AUTO(oauth_token) token = {SECRET_INIT, clock_wall_ms(&clock_system), 3600000};
	AUTO(error) err = ERROR_INIT;
	secret_set(&login.refresh, "re+fresh", 8);
	secret_set(&token.access, "access", 6);
	if (place == FOREIGN)
		xreplace(&k->settings.server, "https://other.test/token");
	assert_true(place == NOWHERE || oauth_store_save_login(&k->store, &login, NULL, &err));
	if (place == LOST_KEYRING) {
		AUTO_FREE char *ring = in_root("ring");
		assert_int_equal(remove(ring), 0);
	}
	if (place == TORN)
		write_file(LOGIN, "posthaste token 1\n", 0600);
	assert_true(!has_token || oauth_store_save_token(&k->store, &token, &err));
	xreplace(&k->settings.server, "https://login.test/token");
}

/* ---- rows ---- */

#define OK "answer|200||empty||"
#define ERROR(code, name) "answer|" code "||json||serror|" name "|"
#define REFRESH "token=re%2Bfresh&token_type_hint=refresh_token&client_id=id\n"
#define ACCESS "token=access&token_type_hint=access_token&client_id=id\n"

static const struct row {
	const char *name;
	enum place place;
	bool has_token, has_address;
	const char *answers, *forms;
	enum oauth_logout outcome;
	const char *says; /* NULL: nothing */
} rows[] = {
	{"both", FILE_0600, true, true, OK "\n" OK, REFRESH ACCESS, OAUTH_LOGOUT_REVOKED, NULL},
	{"both, in the keyring", KEYRING, true, true, OK "\n" OK, REFRESH ACCESS, OAUTH_LOGOUT_REVOKED, NULL},
	{"no access token", FILE_0600, false, true, OK, REFRESH, OAUTH_LOGOUT_REVOKED, NULL},
	{"no login", NOWHERE, true, true, OK, ACCESS, OAUTH_LOGOUT_REVOKED, NULL},
	{"nothing", NOWHERE, false, true, "", "", OAUTH_LOGOUT_NONE, NULL},
	{"the server does not know them any more", FILE_0600, true, true,
	 ERROR("400", "invalid_token") "\n" ERROR("400", "invalid_token"), REFRESH ACCESS, OAUTH_LOGOUT_REVOKED, NULL},
	{"a server that revokes logins only", FILE_0600, true, true, OK "\n" ERROR("400", "unsupported_token_type"),
	 REFRESH ACCESS, OAUTH_LOGOUT_LOGIN_REVOKED, "unsupported_token_type"},
	{"no address", FILE_0600, true, false, "", "", OAUTH_LOGOUT_LOCAL, "no address is known"},
	{"refused", FILE_0600, true, true, ERROR("401", "invalid_client"), REFRESH, OAUTH_LOGOUT_LOCAL,
	 "login.test did not end the login of account work: invalid_client"},
	{"refused, without a login", NOWHERE, true, true, ERROR("401", "invalid_client"), ACCESS, OAUTH_LOGOUT_LOCAL,
	 "invalid_client"},
	{"busy", KEYRING, true, true, "answer|503|600|empty||", REFRESH, OAUTH_LOGOUT_LOCAL, "HTTP status 503"},
	{"a web page", FILE_0600, true, true, "answer|200||html||", REFRESH, OAUTH_LOGOUT_LOCAL, "web page"},
	{"a redirection", FILE_0600, true, true, "answer|307||empty|evil.test|", REFRESH, OAUTH_LOGOUT_LOCAL,
	 "evil.test"},
	{"it repeats the token", FILE_0600, true, true, ERROR("400", "re+fresh"), REFRESH, OAUTH_LOGOUT_LOCAL,
	 "of account work: "},
	{"not there", FILE_0600, true, true, "unreachable|no route|", REFRESH, OAUTH_LOGOUT_LOCAL, "login.test"},
	{"it hangs", KEYRING, true, true, "hangs", REFRESH, OAUTH_LOGOUT_LOCAL, "in time"},
	{"of another server", FOREIGN, true, true, "", "", OAUTH_LOGOUT_LOCAL, "from another server"},
	{"torn", TORN, true, true, "", "", OAUTH_LOGOUT_LOCAL, "damaged"},
	{"lost by the keyring", LOST_KEYRING, false, true, "", "", OAUTH_LOGOUT_LOCAL, "not in the keyring any more"},
	{"lost by the keyring, and an access token", LOST_KEYRING, true, true, OK, ACCESS, OAUTH_LOGOUT_LOCAL,
	 "not in the keyring any more"},
};

static void must_log_out(const struct row *row)
{
	struct account_kit k;
	AUTO(strbuf) words = STRBUF_INIT;
	AUTO(strbuf) forms = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	enum oauth_logout outcome;
	make_http();
	make_keyring();
	write_file("answers", row->answers, 0600);
	account_kit_make(&k, row->has_address);
	log_in(&k, row->place, row->has_token);
	assert_true(oauth_logout_run(&k.refresh, &k.settings, &outcome, &words, &err));
	print_message("# -> %d %s\n", (int)outcome, words.buf);
	assert_int_equal(outcome, row->outcome);
	assert_int_equal(words.len > 0, row->says != NULL);
	assert_true(!row->says || strstr(words.buf, row->says));
	assert_null(strstr(words.buf, "re+fresh"));
	read_all("forms", &forms);
	assert_string_equal(forms.buf, row->forms);
	assert_false(exists(LOGIN) || exists(TOKEN) || exists("ring"));
	account_kit_release(&k);
}

static void tokens_are_revoked_and_removed_whatever_the_server_says(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("# %s\n", rows[i].name);
		assert_int_equal(setup(state), 0);
		must_log_out(&rows[i]);
		assert_int_equal(teardown(state), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_revoked_and_removed_whatever_the_server_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
