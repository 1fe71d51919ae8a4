/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session of the mail service keeps, by its configuration.  What the levels mean is in test_sandbox.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sandbox.h"
#include "base/xalloc.h"
#include "serve/serve_sandbox.h"

#include "../lib/remove_tree.h"
#include "../lib/test_runtime.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char root[64];
/* What was entered: how often, the level, and the paths with a space before each. */
static struct {
	int times;
	enum sandbox_level level;
	struct strbuf paths;
} entered;

static struct sandbox_support enter(const struct sandbox *s)
{
	entered.times++;
	entered.level = s->level;
	for (size_t i = 0; i < s->writable.n; i++) {
		const char *path = s->writable.v[i];
		size_t n = strlen(root);
		strbuf_addf(&entered.paths, " %s", strncmp(path, root, n) == 0 ? path + n : path);
	}
	return (struct sandbox_support){.landlock = 0};
}

static const struct sandbox_ops recorder = {.enter = enter};

/* ---- place ---- */

static void put(const char *name, const char *content)
{
	AUTO_FREE char *path = xasprintf("%s/%s", root, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	(void)fputs(content, f);
	(void)fclose(f);
	assert_int_equal(chmod(path, S_IRUSR | S_IWUSR), 0);
}

static int setup(void **state)
{
	static const char *const folders[] = {"home", "log", "run", "spool"};
	(void)state;
	(void)snprintf(root, sizeof(root), "/var/tmp/posthaste-test-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", root, folders[i]);
		assert_int_equal(mkdir(path, S_IRWXU), 0);
	}
	put("home/old.log", "");
	put("log/old.log", "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)remove_tree(root);
	return 0;
}

/* Enters with this configuration, "@" being the root, and this variable. */
static void enter_with(const char *lines, const char *variable)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(settings) settings = SETTINGS_INIT;
	AUTO(error) err = ERROR_INIT;
	struct request request;
	struct runtime runtime = test_runtime();
	AUTO_FREE char *home = xasprintf("HOME=%s/home", root);
	AUTO_FREE char *run = xasprintf("XDG_RUNTIME_DIR=%s/run", root);
	AUTO_FREE char *file = xasprintf("%s/rc", root);
	runtime.environ = TEST_ENV(home, run, "PATH=/bin", variable);
	runtime.sandbox = &recorder;
	strbuf_adds(&text, "account a\nhost mail.example\n");
	for (; *lines; lines++)
		if (*lines == '@')
			strbuf_adds(&text, root);
		else
			strbuf_addch(&text, *lines);
	put("rc", text.buf);
	request_init(&request, &runtime);
	assert_true(account_set(request.flags, OPT_FILE, span_of(file), (struct origin){ORIGIN_COMMAND_LINE, NULL, 0},
				NULL));
	if (!settings_read(&settings, &request, &runtime, &err))
		fail_msg("%s: %s", text.buf, err.status.text);
	entered.times = 0;
	serve_sandbox_enter(&settings, &request, &runtime);
	assert_int_equal(entered.times, 1);
	request_release(&request);
}

/* ---- tests ---- */

#define STATE " /home/.local/state/posthaste"
#define CACHE " /home/.cache/posthaste"
#define ALWAYS " /tmp /var/tmp /dev"
#define QUEUE STATE /* there is no folder "queue" in it yet */

static void what_is_written_to(void **state)
{
	static const struct {
		const char *lines, *variable, *paths;
	} rows[] = {
		{"", "A=b", STATE CACHE QUEUE ALWAYS},
		{"password secret\nlogfile @/log/old.log\n", "A=b", STATE CACHE QUEUE ALWAYS " /log"},
		{"logfile @/log/new.log\n", "A=b", STATE CACHE QUEUE ALWAYS " /log"},
		{"logfile @/log/new/new.log\n", "A=b", STATE CACHE QUEUE ALWAYS " /log"},
		/* in the home: the file alone, if it is there */
		{"logfile ~/old.log\n", "A=b", STATE CACHE QUEUE ALWAYS " /home/old.log"},
		{"logfile ~/new.log\n", "A=b", STATE CACHE QUEUE ALWAYS " /home"},
		/* the Maildir, which is made */
		{"archive maildir:@/log/sent\n", "A=b", STATE CACHE QUEUE ALWAYS " /log/sent"},
		{"archive maildir:~/Mail/sent\n", "A=b", STATE CACHE QUEUE ALWAYS " /home/Mail/sent"},
		/* of any account */
		{"account b : a\nlogfile @/log/old.log\n", "A=b", STATE CACHE QUEUE ALWAYS " /log"},
		{"persist 60s\n", "A=b", STATE CACHE " /run/posthaste" QUEUE ALWAYS},
		{"", "KRB5CCNAME=FILE:/dev/null", STATE CACHE QUEUE ALWAYS " /dev/null"},
		{"", "KRB5CCNAME=/dev/null", STATE CACHE QUEUE ALWAYS " /dev/null"},
		{"", "KRB5CCNAME=KEYRING:persistent:1000", STATE CACHE QUEUE ALWAYS},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		entered.paths = STRBUF_INIT;
		enter_with(rows[i].lines, rows[i].variable);
		assert_int_equal(entered.level, SANDBOX_SERVICE);
		assert_string_equal(entered.paths.buf, rows[i].paths);
		strbuf_release(&entered.paths);
	}
}

static void commands_keep_their_rights(void **state)
{
	static const char *const rows[] = {
		"passwordeval pass show mail\n",
		"account b : a\npasswordeval pass show mail\n",
		"eval echo user joe\n",
		"filter dkim-sign\n",
		"proxy_command ssh -W %h:%p bastion.example\n",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enter_with(rows[i], "A=b");
		assert_int_equal(entered.level, SANDBOX_COMMANDS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_to),
		cmocka_unit_test(commands_keep_their_rights),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
