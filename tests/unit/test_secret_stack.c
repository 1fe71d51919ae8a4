/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What reads a password leaves no copy of it on the stack.  Each source runs on
 * a stack of its own, which is searched when it has returned.
 */
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "secret/source.h"
#include "secret/tty.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <cmocka.h>

#include "../lib/test_runtime.h"

#ifdef HAVE_SANITIZERS

int main(void)
{
	(void)puts("1..0 # SKIP sanitizers keep buffers elsewhere, and do not know of other stacks");
	return 0;
}

#else

#define STACK_SIZE ((size_t)256 * 1024)
#define FAR_AWAY 60000

/* The password is the word many times: what overwrites a part of it leaves others. */
#define WORD "Canary7!"
#define WORDS 25

static char folder[64], *password_file, *netrc_file, *helper_file;
static struct strbuf password = STRBUF_INIT;

static char *add_file(const char *name, mode_t mode, const char *text)
{
	char *path = xasprintf("%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
	return path;
}

static int set_up(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/posthaste-test-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	for (int i = 0; i < WORDS; i++)
		strbuf_adds(&password, WORD);
	AUTO(strbuf) text = STRBUF_INIT;
	strbuf_addf(&text, "%s\n", password.buf);
	password_file = add_file("password", 0600, text.buf);
	strbuf_reset(&text);
	strbuf_addf(&text, "machine mail.example.org login joe password %s\n", password.buf);
	netrc_file = add_file("netrc", 0600, text.buf);
	strbuf_reset(&text);
	strbuf_addf(&text, "#!/bin/sh\necho found\nexec cat %s\n", password_file);
	helper_file = add_file("helper", 0700, text.buf);
	return 0;
}

static void remove_file(char **path)
{
	(void)unlink(*path);
	free(*path);
}

static int tear_down(void **state)
{
	(void)state;
	strbuf_release(&password);
	remove_file(&password_file);
	remove_file(&netrc_file);
	remove_file(&helper_file);
	return rmdir(folder);
}

/* ---- a stack of its own ---- */

struct task {
	bool (*run)(struct task *t); /* on that stack; must not assert */
	struct secret_query query;
	int terminal;
	struct secret out;
	bool done;
};

static struct task *current;
static ucontext_t caller, callee;

static void begin(void)
{
	current->done = current->run(current);
}

static size_t count_words(const char *stack)
{
	size_t n = 0;
	const char *end = stack + STACK_SIZE;
	for (const char *at = stack; (at = memmem(at, (size_t)(end - at), WORD, strlen(WORD))); at++)
		n++;
	return n;
}

/* Runs it, and counts the words that it left on its stack. */
static size_t words_left_by(struct task *t)
{
	char *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(stack, MAP_FAILED);
	assert_int_equal(getcontext(&callee), 0);
	callee.uc_stack.ss_sp = stack;
	callee.uc_stack.ss_size = STACK_SIZE;
	callee.uc_link = &caller;
	current = t;
	makecontext(&callee, begin, 0);
	assert_int_equal(swapcontext(&caller, &callee), 0);
	size_t n = count_words(stack);
	assert_int_equal(munmap(stack, STACK_SIZE), 0);
	return n;
}

/* ---- a copy is found ---- */

static bool leave_a_copy(struct task *t)
{
	volatile char octets[4096];
	for (size_t i = 0; i < password.len; i++)
		octets[i] = password.buf[i];
	(void)t;
	return octets[password.len - 1] == WORD[sizeof(WORD) - 2];
}

static void a_copy_on_the_stack_is_found(void **state)
{
	(void)state;
	struct task t = {.run = leave_a_copy, .out = SECRET_INIT};
	assert_int_not_equal(words_left_by(&t), 0);
	assert_true(t.done);
}

/* ---- the sources ---- */

static struct runtime runtime;

static bool fill(struct task *t)
{
	return secret_fill(&t->query, &t->out, NULL, NULL);
}

static void must_leave_nothing(const char *name, struct task *t)
{
	t->query.host = "mail.example.org";
	t->query.user = "joe";
	t->query.runtime = &runtime;
	t->query.deadline = deadline_in(&clock_system, FAR_AWAY);
	size_t left = words_left_by(t);
	assert_true(t->done);
	secret_chomp(&t->out);
	assert_string_equal(secret_reveal(&t->out).ptr, password.buf);
	secret_release(&t->out);
	if (left)
		fail_msg("%s: %zu words of the password are on the stack", name, left);
}

static void no_source_leaves_the_password_on_the_stack(void **state)
{
	(void)state;
	AUTO(secret) literal = SECRET_INIT;
	AUTO_FREE char *command = xasprintf("cat %s", password_file);
	AUTO_FREE char *variable = xasprintf("CREDENTIALS_DIRECTORY=%s", folder);
	int fd = open(password_file, O_RDONLY); /* the source closes it */
	assert_true(fd > 0);
	runtime = test_runtime();
	runtime.environ = TEST_ENV(variable);
	runtime.helpers.keyring = helper_file;
	secret_set(&literal, password.buf, password.len);
	const struct {
		const char *name;
		struct secret_query query;
	} rows[] = {
		{"password", {.literal = &literal}},
		{"password_fd", {.fd = fd}},
		{"password_file", {.file = password_file}},
		{"credential", {.credential = "password"}},
		{"passwordeval", {.command = command}},
		{"keyring", {.keyring = true}},
		{"netrc", {.netrc = SECRET_NETRC_FILE, .netrc_file = netrc_file}},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct task t = {.run = fill, .query = rows[i].query, .out = SECRET_INIT};
		must_leave_nothing(rows[i].name, &t);
	}
}

/* ---- the terminal ---- */

#define PROMPT "Password: "

/* A person at the other side of the terminal, who waits for the question. */
static void *type(void *arg)
{
	int fd = *(int *)arg;
	AUTO(strbuf) saw = STRBUF_INIT;
	AUTO(strbuf) line = STRBUF_INIT;
	strbuf_addf(&line, "%s\n", password.buf);
	while (!strstr(saw.buf, PROMPT)) {
		char octets[64];
		ssize_t n = read(fd, octets, sizeof(octets));
		if (n <= 0)
			return NULL;
		strbuf_add(&saw, octets, (size_t)n);
	}
	return write(fd, line.buf, line.len) < 0 ? NULL : arg;
}

static bool ask(struct task *t)
{
	return tty_ask(t->terminal, PROMPT, &clock_system, deadline_in(&clock_system, FAR_AWAY), &t->out, NULL);
}

static void the_terminal_leaves_nothing_either(void **state)
{
	(void)state;
	pthread_t thread;
	void *typed = NULL;
	AUTO_FD int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
		print_message("# no pseudo-terminal here\n");
		return;
	}
	AUTO_FD int slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(slave >= 0);
	struct task t = {.run = ask, .terminal = slave, .out = SECRET_INIT};
	assert_int_equal(pthread_create(&thread, NULL, type, &master), 0);
	must_leave_nothing("terminal", &t);
	assert_int_equal(pthread_join(thread, &typed), 0);
	assert_non_null(typed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_on_the_stack_is_found),
		cmocka_unit_test(no_source_leaves_the_password_on_the_stack),
		cmocka_unit_test(the_terminal_leaves_nothing_either),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}

#endif
