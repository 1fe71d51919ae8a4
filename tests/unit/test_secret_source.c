/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/passed_secret.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "secret/source.h"
#include "secret/tty.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <termios.h>

#include <cmocka.h>

#include "../lib/test_runtime.h"

#define FAR_AWAY 60000

static struct runtime runtime; /* of the last query() */

static struct secret_query query(void)
{
	runtime = test_runtime();
	return (struct secret_query){.host = "mail.example.org",
				     .user = "joe",
				     .account = "work",
				     .runtime = &runtime,
				     .deadline = deadline_in(&clock_system, FAR_AWAY)};
}

static char *temp_file(const void *octets, size_t len, mode_t mode)
{
	char *name = xstrdup("/tmp/posthaste-test-XXXXXX");
	AUTO_FD int fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, octets, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	return name;
}

static void drop(char *name)
{
	(void)unlink(name);
	free(name);
}

static void earlier_sources_win(void **state)
{
	(void)state;
	AUTO(secret) literal = SECRET_INIT;
	AUTO(secret) out = SECRET_INIT;
	const char *from = NULL;
	char *file = temp_file("from file\n", 10, 0600);
	secret_set(&literal, "literal", 7);
	struct secret_query q = query();
	q.literal = &literal;
	q.file = file;
	q.command = "echo from command";
	assert_true(secret_fill(&q, &out, &from, NULL));
	assert_string_equal(from, "password");
	assert_string_equal(secret_reveal(&out).ptr, "literal");
	q.literal = NULL;
	assert_true(secret_fill(&q, &out, &from, NULL));
	assert_string_equal(from, "password_file");
	assert_string_equal(secret_reveal(&out).ptr, "from file");
	q.file = NULL;
	assert_true(secret_fill(&q, &out, &from, NULL));
	assert_string_equal(from, "passwordeval");
	assert_string_equal(secret_reveal(&out).ptr, "from command");
	drop(file);
}

static void what_a_command_prints(void **state)
{
	(void)state;
	static const struct {
		const char *command;
		const char *password; /* NULL: fails */
	} rows[] = {
		{"echo secret", "secret"},
		{"printf secret", "secret"},
		{"printf 'secret\\r\\n'", "secret"},
		{"printf 'secret\\nurl: x\\nnotes\\n'", "secret"},
		{"printf ' with blanks \\n'", " with blanks "},
		{"cat; echo no input", "no input"},
		{"echo secret; exit 1", NULL},
		{"echo secret; kill -9 $$", NULL},
		{"true", NULL},
		{"echo", NULL},
		{"printf 'a\\000b\\n'", NULL},
		{"printf 'a\\rb\\n'", NULL},
		{"no-such-command-anywhere 2>/dev/null", NULL},
		{"head -c 70000 /dev/zero", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		struct secret_query q = query();
		q.command = rows[i].command;
		bool ok = secret_fill(&q, &out, NULL, &err);
		print_message("# %s -> %s\n", rows[i].command, ok ? "found" : err.status.text);
		assert_int_equal(ok, rows[i].password != NULL);
		if (ok) {
			assert_string_equal(secret_reveal(&out).ptr, rows[i].password);
			continue;
		}
		assert_int_equal(err.status.kind, ERROR_SECRET_UNAVAILABLE);
		assert_null(strstr(err.status.text, "secret;"));
		assert_false(secret_is_set(&out));
	}
}

static void a_command_that_hangs_is_given_up(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	struct secret_query q = query();
	q.command = "exec sleep 600";
	q.deadline = clock_monotonic(&clock_system); /* now */
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_SECRET_UNAVAILABLE);
}

static void files_must_be_private_and_hold_one_line(void **state)
{
	(void)state;
	static const struct {
		struct span content;
		mode_t mode;
		enum error_kind kind; /* NONE: fine */
	} rows[] = {
		{{"secret\n", 7}, 0600, ERROR_NONE},   {{"secret", 6}, 0400, ERROR_NONE},
		{{"secret\r\n", 8}, 0600, ERROR_NONE}, {{"secret\n", 7}, 0640, ERROR_CONFIG},
		{{"secret\n", 7}, 0604, ERROR_CONFIG}, {{"", 0}, 0600, ERROR_CONFIG},
		{{"\n", 1}, 0600, ERROR_CONFIG},       {{"two\nlines\n", 10}, 0600, ERROR_CONFIG},
		{{"nul\0\n", 5}, 0600, ERROR_CONFIG},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		struct secret_query q = query();
		char *file = temp_file(rows[i].content.ptr, rows[i].content.len, rows[i].mode);
		q.file = file;
		bool ok = secret_fill(&q, &out, NULL, &err);
		drop(file);
		/* a file of root may be open to a group */
		enum error_kind kind = rows[i].mode == 0640 && geteuid() == 0 ? ERROR_NONE : rows[i].kind;
		assert_int_equal(err.status.kind, kind);
		assert_int_equal(ok, kind == ERROR_NONE);
		if (ok)
			assert_string_equal(secret_reveal(&out).ptr, "secret");
	}
}

static void files_that_are_no_files_are_refused(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	struct secret_query q = query();
	q.file = "/nonexistent/secret";
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_FILE_MISSING);
	q.file = "/tmp";
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_CONFIG);
	/* a pipe without a writer does not hold us */
	char *name = temp_file("", 0, 0600);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(mkfifo(name, 0600), 0);
	q.file = name;
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_CONFIG);
	drop(name);
}

static void a_file_longer_than_its_limit_is_refused(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) big = STRBUF_INIT;
	for (int i = 0; i < 65536 + 1; i++)
		strbuf_addch(&big, 'x');
	struct secret_query q = query();
	char *file = temp_file(big.buf, 65536, 0600);
	q.file = file;
	assert_true(secret_fill(&q, &out, NULL, NULL));
	assert_int_equal(secret_reveal(&out).len, 65536);
	drop(file);
	file = temp_file(big.buf, big.len, 0600);
	q.file = file;
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_CONFIG);
	drop(file);
}

static void nothing_configured_says_what_to_do(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	struct secret_query q = query();
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.status.text, "joe at mail.example.org (account work)"));
	assert_non_null(strstr(err.status.hint, "passwordeval"));
}

/* ---- descriptors ---- */

/* A pipe as a caller passes it, with that text in it; open: it has not ended. */
static int passed(const char *text, int *open_end)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
	if (open_end)
		*open_end = ends[1];
	else
		(void)close(ends[1]);
	return ends[0];
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void a_descriptor_has_a_line(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		enum error_kind kind; /* NONE: fine */
	} rows[] = {
		{"secret\n", ERROR_NONE},
		{"secret", ERROR_NONE},
		{"secret\r\n", ERROR_NONE},
		{"secret\nmore\n", ERROR_NONE},
		{"\xef\xbb\xbfsecret\n", ERROR_NONE},
		{"", ERROR_CONFIG},
		{"\nsecret\n", ERROR_CONFIG},
		{"sec\rret\n", ERROR_CONFIG},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		const char *from = NULL;
		struct secret_query q = query();
		q.fd = passed(rows[i].text, NULL);
		q.command = "echo from command"; /* stands after it */
		bool ok = secret_fill(&q, &out, &from, &err);
		assert_int_equal(ok ? ERROR_NONE : err.status.kind, rows[i].kind);
		assert_false(is_open(q.fd));
		if (!ok)
			continue;
		assert_string_equal(from, "password_fd");
		assert_string_equal(secret_reveal(&out).ptr, "secret");
	}
}

static void a_descriptor_is_read_once(void **state)
{
	(void)state;
	AUTO(passed_secrets) kept = PASSED_SECRETS_INIT;
	int open_end[2];
	struct secret_query one = query(), two = query();
	runtime.passed = &kept;
	one.fd = passed("first\n", &open_end[0]);
	two.fd = passed("second\n", &open_end[1]);
	for (int i = 0; i < 2; i++) {
		AUTO(secret) out = SECRET_INIT;
		assert_true(secret_fill(&one, &out, NULL, NULL));
		assert_string_equal(secret_reveal(&out).ptr, "first");
		assert_true(secret_fill(&two, &out, NULL, NULL));
		assert_string_equal(secret_reveal(&out).ptr, "second");
	}
	assert_false(is_open(one.fd) || is_open(two.fd));
	(void)close(open_end[0]);
	(void)close(open_end[1]);
}

static void a_descriptor_that_says_nothing_is_given_up(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	int open_end;
	struct secret_query q = query();
	q.fd = passed("no end", &open_end);
	q.deadline = 0;
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_SECRET_UNAVAILABLE);
	assert_false(is_open(q.fd));
	(void)close(open_end);
}

static void a_descriptor_that_the_caller_did_not_open_is_not_read(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	const char *from = NULL;
	struct secret_query q = query();
	for (int ours = 0; ours < 2; ours++) {
		AUTO(error) err = ERROR_INIT;
		q.fd = passed("secret\n", NULL);
		if (ours)
			assert_int_equal(fcntl(q.fd, F_SETFD, FD_CLOEXEC), 0);
		else
			(void)close(q.fd);
		q.command = NULL;
		assert_false(secret_fill(&q, &out, NULL, &err));
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.status.text, "is not open"));
		assert_non_null(err.status.hint);
		assert_true(is_open(q.fd) == ours);
		q.command = "echo other"; /* the next source */
		assert_true(secret_fill(&q, &out, &from, NULL));
		assert_string_equal(from, "passwordeval");
		if (ours)
			(void)close(q.fd);
	}
}

/* ---- credentials ---- */

struct folder {
	char path[64];
};

static void folder_make(struct folder *f)
{
	(void)snprintf(f->path, sizeof(f->path), "/tmp/posthaste-test-XXXXXX");
	assert_non_null(mkdtemp(f->path));
}

/* A new file in it. */
static char *folder_add(const struct folder *f, const char *name, const char *text, mode_t mode)
{
	char *path = xasprintf("%s/%s", f->path, name);
	AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	return path;
}

#define OTHER 54321 /* a user or group that is not ours, and not root */

static void credentials_come_from_the_folder_of_the_service(void **state)
{
	(void)state;
	static const struct {
		mode_t mode;
		const char *text;
		bool root_only;	      /* fine only where it belongs to root:root */
		enum error_kind kind; /* NONE: fine */
		uid_t user;
		gid_t group; /* both 0: ours; only root can give a file to others */
	} rows[] = {
		{0400, "secret\n", false, ERROR_NONE, 0, 0},
		{0600, "secret", false, ERROR_NONE, 0, 0},
		{0440, "secret\n", true, ERROR_NONE, 0, 0},
		{0460, "secret\n", false, ERROR_CONFIG, 0, 0},
		{0404, "secret\n", false, ERROR_CONFIG, 0, 0},
		{0600, "", false, ERROR_CONFIG, 0, 0},
		{0440, "secret\n", false, ERROR_CONFIG, 0, OTHER},
		{0640, "secret\n", false, ERROR_CONFIG, 0, OTHER},
		{0440, "secret\n", false, ERROR_CONFIG, OTHER, 0},
		{0400, "secret\n", false, ERROR_CONFIG, OTHER, 0},
		{0400, "secret\n", false, ERROR_NONE, 0, OTHER},
		{0440, "secret\n", false, ERROR_CONFIG, OTHER, OTHER},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		const char *from = NULL;
		struct folder f;
		struct secret_query q = query();
		if ((rows[i].user || rows[i].group) && geteuid() != 0)
			continue;
		enum error_kind want = rows[i].root_only && geteuid() != 0 ? ERROR_CONFIG : rows[i].kind;
		folder_make(&f);
		char *path = folder_add(&f, "mail", rows[i].text, rows[i].mode);
		if (rows[i].user || rows[i].group)
			assert_int_equal(chown(path, rows[i].user, rows[i].group), 0);
		AUTO_FREE char *variable = xasprintf("CREDENTIALS_DIRECTORY=%s", f.path);
		char *const env[] = {variable, NULL};
		runtime.environ = env;
		q.credential = "mail";
		q.command = "echo from command"; /* stands after it */
		bool ok = secret_fill(&q, &out, &from, &err);
		print_message("# %04o %u:%u -> %s\n", (unsigned)rows[i].mode, (unsigned)rows[i].user,
			      (unsigned)rows[i].group, ok ? "found" : err.status.text);
		assert_int_equal(ok ? ERROR_NONE : err.status.kind, want);
		if (ok) {
			assert_string_equal(from, "credential");
			assert_string_equal(secret_reveal(&out).ptr, "secret");
		}
		drop(path);
		assert_int_equal(rmdir(f.path), 0);
	}
}

static void a_credential_that_is_missing_is_an_error_inside_the_service_only(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	const char *from = NULL;
	struct secret_query q = query();
	q.credential = "mail";
	runtime.environ = NULL;
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.status.text, "CREDENTIALS_DIRECTORY is not set"));
	assert_non_null(strstr(err.status.hint, "LoadCredential=mail:"));
	q.command = "echo from command";
	assert_true(secret_fill(&q, &out, &from, NULL));
	assert_string_equal(from, "passwordeval");
	struct folder f;
	folder_make(&f);
	AUTO_FREE char *variable = xasprintf("CREDENTIALS_DIRECTORY=%s", f.path);
	char *const env[] = {variable, NULL};
	runtime.environ = env;
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_FILE_MISSING);
	error_release(&err);
	runtime.privileged = true; /* the caller may not choose the folder */
	q.command = NULL;
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_non_null(strstr(err.status.text, "CREDENTIALS_DIRECTORY is not set"));
	assert_int_equal(rmdir(f.path), 0);
}

/* ---- the keyring's helper ---- */

static void take_note(void *arg, const char *text)
{
	strbuf_addf(arg, "%s\n", text);
}

/* What a helper may print, and what becomes of it. */
static void what_the_keyrings_helper_answers(void **state)
{
	(void)state;
	static const struct {
		const char *script;
		enum error_kind kind; /* NONE: found "secret" */
		const char *says;     /* in the error, or in the note where it was passed over */
	} rows[] = {
		{"printf 'found\\nsecret'", ERROR_NONE, NULL},
		{"printf 'found\\nsecret\\n'", ERROR_NONE, NULL},
		{"printf 'found\\n'", ERROR_SECRET_UNAVAILABLE, "the password from keyring is empty"},
		{"printf 'found\\ntwo\\n\\n'", ERROR_SECRET_UNAVAILABLE, "a line end"},
		{"printf 'found\\nNUL\\000here'", ERROR_SECRET_UNAVAILABLE, "a line end or a NUL"},
		{"printf 'none\\n'", ERROR_CONFIG, "the keyring has no password for joe at mail.example.org"},
		{"printf 'no bus\\n'", ERROR_CONFIG, "there is no session bus"},
		{"printf 'absent\\n'", ERROR_CONFIG, "no keyring is running in this session"},
		{"printf 'locked\\n'", ERROR_SECRET_UNAVAILABLE, "is locked"},
		{"printf 'failed\\nno \\033such thing\\n'", ERROR_SECRET_UNAVAILABLE, "cannot be used: no ?such thing"},
		{"printf 'nonsense\\nsecret'", ERROR_SECRET_UNAVAILABLE, "an unexpected answer"},
		{"true", ERROR_SECRET_UNAVAILABLE, "an unexpected answer"},
		{"printf 'found\\nsecret'; exit 3", ERROR_SECRET_UNAVAILABLE, "exit status 3"},
		{"head -c 70000 /dev/zero", ERROR_SECRET_UNAVAILABLE, "more than"},
		/* what it receives, and that it comes to an end */
		{"got=$(tr '\\000' '|'); [ \"$got\" = 'find|mail.example.org|joe|' ] && printf 'found\\nsecret'",
		 ERROR_NONE, NULL},
		{"[ $# = 0 ] && printf 'found\\nsecret'", ERROR_NONE, NULL},
		/* nothing of ours is open there */
		{"for n in 3 4 5 6 7 8 9 63 64 200; do [ ! -e /proc/$$/fd/$n ] || exit 9; done; printf "
		 "'found\\nsecret'",
		 ERROR_NONE, NULL},
	};
	int fds[] = {3, 4, 5, 6, 7, 8, 9, 63, 64, 200};
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		assert_true((fds[i] = fcntl(STDOUT_FILENO, F_DUPFD, fds[i])) > 2);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO(strbuf) said = STRBUF_INIT;
		AUTO(strbuf) script = STRBUF_INIT;
		struct folder f;
		struct secret_query q = query();
		folder_make(&f);
		strbuf_addf(&script, "#!/bin/sh\n%s\n", rows[i].script);
		char *helper = folder_add(&f, "helper", script.buf, 0700);
		q.keyring = true;
		runtime.helpers.keyring = helper;
		q.note = take_note;
		q.note_arg = &said;
		bool ok = secret_fill(&q, &out, NULL, &err);
		print_message("# %s -> %s\n", rows[i].script, ok ? "found" : err.status.text);
		assert_int_equal(err.status.kind, rows[i].kind);
		if (ok)
			assert_string_equal(secret_reveal(&out).ptr, "secret");
		else
			assert_non_null(
				strstr(err.status.kind == ERROR_CONFIG ? said.buf : err.status.text, rows[i].says));
		drop(helper);
		assert_int_equal(rmdir(f.path), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		assert_int_equal(close(fds[i]), 0);
}

static void without_its_helper_the_keyring_is_passed_over(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) said = STRBUF_INIT;
	struct secret_query q = query();
	q.keyring = true;
	runtime.helpers.keyring = "/nonexistent/posthaste-keyring";
	q.note = take_note;
	q.note_arg = &said;
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_CONFIG);
	assert_non_null(strstr(
		said.buf,
		"keyring: the helper program for the keyring is not installed (/nonexistent/posthaste-keyring)"));
	assert_non_null(strstr(err.status.hint, "--login work"));
}

/* The deadline is now: nothing is waited for. */
static void a_keyring_that_never_answers_leaves_the_others_their_turn(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	struct folder f;
	struct secret_query q = query();
	folder_make(&f);
	char *helper = folder_add(&f, "helper", "#!/bin/sh\nexec sleep 600\n", 0700);
	q.keyring = true;
	runtime.helpers.keyring = helper;
	q.deadline = clock_monotonic(&clock_system);
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_SECRET_UNAVAILABLE);
	assert_non_null(strstr(err.status.text, "the keyring cannot be used: "));
	assert_non_null(strstr(err.status.text, "did not end in time"));
	const char *from = NULL;
	char *netrc = folder_add(&f, "netrc", "default password secret\n", 0600);
	q.netrc = SECRET_NETRC_FILE;
	q.netrc_file = netrc;
	assert_true(secret_fill(&q, &out, &from, NULL));
	assert_string_equal(from, "netrc");
	drop(netrc);
	drop(helper);
	assert_int_equal(rmdir(f.path), 0);
}

/* ---- netrc ---- */

static void a_netrc_must_be_private_where_a_password_comes_from_it(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		mode_t mode;
		enum error_kind kind; /* NONE: found */
	} rows[] = {
		{"machine mail.example.org login joe password secret\n", 0600, ERROR_NONE},
		{"machine mail.example.org login joe password secret\n", 0640, ERROR_CONFIG},
		{"machine mail.example.org login joe password secret\n", 0604, ERROR_CONFIG},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		struct secret_query q = query();
		char *file = temp_file(rows[i].text, strlen(rows[i].text), rows[i].mode);
		q.netrc = SECRET_NETRC_FILE;
		q.netrc_file = file;
		assert_int_equal(secret_fill(&q, &out, NULL, &err), rows[i].kind == ERROR_NONE);
		assert_int_equal(err.status.kind, rows[i].kind);
		assert_true(rows[i].kind == ERROR_NONE || strstr(err.status.text, "other users have access"));
		/* somebody else's entry: the file is none of our business */
		error_release(&err);
		q.user = "ann";
		assert_false(secret_fill(&q, &out, NULL, &err));
		assert_non_null(strstr(err.status.text, "no password for ann"));
		drop(file);
	}
}

static void a_netrc_that_was_named_must_be_there(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	struct secret_query q = query();
	q.netrc = SECRET_NETRC_FILE;
	q.netrc_file = "/nonexistent/netrc";
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_int_equal(err.status.kind, ERROR_FILE_MISSING);
	q.netrc = SECRET_NETRC_OFF;
	assert_false(secret_fill(&q, &out, NULL, &err));
	assert_non_null(strstr(err.status.text, "no password for joe"));
}

static void the_plan_ends_at_the_first_source_that_is_certain(void **state)
{
	(void)state;
	AUTO(strbuf) names = STRBUF_INIT;
	struct secret_query q = query();
	secret_plan(&q, &names);
	assert_string_equal(names.buf, "");
	q.keyring = true;
	runtime.helpers.keyring = "/x";
	q.netrc = SECRET_NETRC_USUAL;
	q.may_prompt = true;
	secret_plan(&q, &names);
	assert_string_equal(names.buf, "keyring, netrc, terminal");
	strbuf_reset(&names);
	q.command = "echo x";
	secret_plan(&q, &names);
	assert_string_equal(names.buf, "passwordeval");
}

/* ---- the terminal ---- */

#define PROMPT "Password for joe: "

struct person {
	int fd;		   /* the terminal's other side */
	const char *types; /* once the prompt is there */
	int signal;	   /* or what happens instead */
	pthread_t asker;
	struct strbuf saw;
};

static void *sit(void *arg)
{
	struct person *p = arg;
	while (!strstr(p->saw.buf, PROMPT)) {
		char octets[64];
		ssize_t n = read(p->fd, octets, sizeof(octets));
		if (n <= 0)
			return NULL;
		strbuf_add(&p->saw, octets, (size_t)n);
	}
	if (p->signal)
		(void)pthread_kill(p->asker, p->signal);
	else if (write(p->fd, p->types, strlen(p->types)) < 0)
		return NULL;
	return NULL;
}

/* Everything that is still on its way to the screen. */
static void look(struct person *p)
{
	char octets[256];
	(void)fcntl(p->fd, F_SETFL, O_NONBLOCK);
	for (ssize_t n; (n = read(p->fd, octets, sizeof(octets))) > 0;)
		strbuf_add(&p->saw, octets, (size_t)n);
}

static bool ask(struct person *p, struct secret *out, struct termios *before, struct termios *after, struct error *err)
{
	AUTO_FD int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
		print_message("# skipped: no pseudo-terminal here\n");
		skip();
	}
	AUTO_FD int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	p->fd = master;
	p->asker = pthread_self();
	assert_int_equal(tcgetattr(slave, before), 0);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, sit, p), 0);
	bool ok = tty_ask(slave, PROMPT, &clock_system, deadline_in(&clock_system, FAR_AWAY), out, err);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(tcgetattr(slave, after), 0);
	look(p);
	return ok;
}

static void the_terminal_takes_a_line_without_showing_it(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	struct termios before, after;
	struct person p = {.types = "hidden word\n", .saw = STRBUF_INIT};
	assert_true(ask(&p, &out, &before, &after, NULL));
	assert_string_equal(secret_reveal(&out).ptr, "hidden word\n");
	assert_null(strstr(p.saw.buf, "hidden"));
	assert_int_equal(before.c_lflag, after.c_lflag);
	strbuf_release(&p.saw);
}

static void end_of_input_at_the_terminal_is_no_password(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	struct termios before, after;
	struct person p = {.types = "\004", .saw = STRBUF_INIT};
	assert_false(ask(&p, &out, &before, &after, &err));
	assert_int_equal(err.status.kind, ERROR_SECRET_UNAVAILABLE);
	assert_int_equal(before.c_lflag, after.c_lflag);
	strbuf_release(&p.saw);
}

static void caught(int signo)
{
	(void)signo;
}

static void a_signal_finds_the_terminal_restored(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	struct termios before, after;
	struct sigaction catch = {.sa_handler = caught}, old;
	assert_int_equal(sigaction(SIGTERM, &catch, &old), 0);
	struct person p = {.signal = SIGTERM, .saw = STRBUF_INIT};
	assert_false(ask(&p, &out, &before, &after, &err));
	assert_int_equal(sigaction(SIGTERM, &old, NULL), 0);
	assert_int_equal(err.status.kind, ERROR_INTERRUPTED);
	assert_int_equal(before.c_lflag, after.c_lflag);
	strbuf_release(&p.saw);
}

static void a_deadline_ends_the_question(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO_FD int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
		print_message("# skipped: no pseudo-terminal here\n");
		skip();
	}
	AUTO_FD int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_false(tty_ask(slave, PROMPT, &clock_system, clock_monotonic(&clock_system), &out, &err));
	assert_int_equal(err.status.kind, ERROR_SECRET_UNAVAILABLE);
	/* and what is no terminal is not asked */
	AUTO_FD int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_false(tty_ask(null, PROMPT, &clock_system, DEADLINE_NEVER, &out, &err));
	assert_int_equal(err.status.kind, ERROR_SECRET_UNAVAILABLE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(earlier_sources_win),
		cmocka_unit_test(what_a_command_prints),
		cmocka_unit_test(a_command_that_hangs_is_given_up),
		cmocka_unit_test(files_must_be_private_and_hold_one_line),
		cmocka_unit_test(files_that_are_no_files_are_refused),
		cmocka_unit_test(a_file_longer_than_its_limit_is_refused),
		cmocka_unit_test(a_descriptor_has_a_line),
		cmocka_unit_test(a_descriptor_is_read_once),
		cmocka_unit_test(a_descriptor_that_says_nothing_is_given_up),
		cmocka_unit_test(a_descriptor_that_the_caller_did_not_open_is_not_read),
		cmocka_unit_test(credentials_come_from_the_folder_of_the_service),
		cmocka_unit_test(a_credential_that_is_missing_is_an_error_inside_the_service_only),
		cmocka_unit_test(what_the_keyrings_helper_answers),
		cmocka_unit_test(without_its_helper_the_keyring_is_passed_over),
		cmocka_unit_test(a_keyring_that_never_answers_leaves_the_others_their_turn),
		cmocka_unit_test(a_netrc_must_be_private_where_a_password_comes_from_it),
		cmocka_unit_test(a_netrc_that_was_named_must_be_there),
		cmocka_unit_test(the_plan_ends_at_the_first_source_that_is_certain),
		cmocka_unit_test(nothing_configured_says_what_to_do),
		cmocka_unit_test(the_terminal_takes_a_line_without_showing_it),
		cmocka_unit_test(end_of_input_at_the_terminal_is_no_password),
		cmocka_unit_test(a_signal_finds_the_terminal_restored),
		cmocka_unit_test(a_deadline_ends_the_question),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
