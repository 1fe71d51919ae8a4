/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/proc.h"

#include "base/xalloc.h"

#include "../lib/test_runtime.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define CANARY "canary-8c1f"

static bool run_until(const char *script, size_t limit, const struct clock *clock, msec_t deadline, struct secret *out,
		      struct error *err)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct runtime runtime = test_runtime();
	runtime.clock = clock;
	const struct proc_request req = {.argv = argv, .runtime = &runtime, .deadline = deadline, .limit = limit};
	return proc_capture_secret(&req, out, err);
}

/* The deadline only ends a test that fails. */
static bool run(const char *script, size_t limit, struct secret *out, struct error *err)
{
	return run_until(script, limit, &clock_system, deadline_in(&clock_system, 60000), out, err);
}

static bool feed(const char *script, const struct secret *input, struct secret *out, struct error *err)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	const struct runtime runtime = test_runtime();
	const struct proc_request req = {.argv = argv,
					 .runtime = &runtime,
					 .deadline = deadline_in(&clock_system, 60000),
					 .limit = 4000000,
					 .input = input};
	return proc_capture_secret(&req, out, err);
}

static void expect_output(const char *script, const char *output)
{
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	if (!run(script, 65536, &out, &err))
		fail_msg("%s: %s", script, err.status.text);
	assert_int_equal(err.status.kind, ERROR_NONE);
	assert_true(secret_is_set(&out));
	assert_string_equal(secret_reveal(&out).ptr, output);
	assert_int_equal(secret_reveal(&out).len, strlen(output));
}

static void output_is_taken_as_it_is(void **state)
{
	(void)state;
	static const struct {
		const char *script, *output;
	} rows[] = {
		{"echo secret", "secret\n"},
		{"printf secret", "secret"}, /* no line end */
		{"printf 'a\\r\\n\\nb'", "a\r\n\nb"},
		{"printf '\\377\\001'", "\xff\x01"},
		{":", ""},			     /* prints nothing */
		{"printf a; exec >&-; exit 0", "a"}, /* closes the pipe early */
		{"printf a; printf noise >&2; printf b", "ab"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect_output(rows[i].script, rows[i].output);
}

static void nul_octets_are_kept(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	assert_true(run("printf 'a\\000b'", 10, &out, NULL));
	assert_true(span_equal(secret_reveal(&out), SPAN_LIT("a\0b")));
}

static void the_limit_is_exact(void **state)
{
	(void)state;
	static const struct {
		size_t print, limit;
		bool ok;
	} rows[] = {{0, 0, true},	  {1, 0, false},	 {64, 64, true},	 {65, 64, false},
		    {65536, 65536, true}, {65537, 65536, false}, {1000000, 65536, false}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_FREE char *script = xasprintf("head -c %zu /dev/zero", rows[i].print);
		assert_int_equal(run(script, rows[i].limit, &out, &err), rows[i].ok);
		assert_int_equal(err.status.kind, rows[i].ok ? ERROR_NONE : ERROR_SECRET_UNAVAILABLE);
		assert_int_equal(secret_reveal(&out).len, rows[i].ok ? rows[i].print : 0);
		if (!rows[i].ok)
			assert_non_null(strstr(err.status.text, "printed more than"));
	}
}

static void endless_output_ends_at_the_limit(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_false(run("cat /dev/zero", 65536, &out, &err));
	assert_int_equal(err.status.kind, ERROR_SECRET_UNAVAILABLE);
}

static void failures_name_the_command_and_never_its_output(void **state)
{
	(void)state;
	static const struct {
		const char *script, *words;
	} rows[] = {
		{"echo " CANARY "; exit 1", "exit status 1"},
		{"echo " CANARY "; exit 255", "exit status 255"},
		{"echo " CANARY "; kill -TERM $$", "signal 15"},
		{"echo " CANARY "; kill -KILL $$", "signal 9"},
		{"echo " CANARY CANARY CANARY, "printed more than 24 bytes"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		secret_set(&out, "kept", 4);
		assert_false(run(rows[i].script, 24, &out, &err));
		assert_int_equal(err.status.kind, ERROR_SECRET_UNAVAILABLE);
		assert_non_null(strstr(err.status.text, "command sh"));
		assert_non_null(strstr(err.status.text, rows[i].words));
		assert_null(strstr(err.status.text, "canary"));
		assert_true(!err.status.hint || !strstr(err.status.hint, "canary"));
		assert_true(span_equals_str(secret_reveal(&out), "kept"));
	}
}

static void a_command_that_is_not_there_is_named(void **state)
{
	(void)state;
	static const char *const missing[] = {"/nonexistent/helper", "posthaste-no-such-helper", "/"};
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		const char *const argv[] = {missing[i], NULL};
		const struct runtime runtime = test_runtime();
		const struct proc_request req = {
			.argv = argv, .runtime = &runtime, .deadline = DEADLINE_NEVER, .limit = 10};
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		assert_false(proc_capture_secret(&req, &out, &err));
		assert_int_equal(err.status.kind, ERROR_SECRET_UNAVAILABLE);
		assert_non_null(strstr(err.status.text, missing[i]));
		assert_non_null(err.status.hint);
	}
}

static void arguments_meet_no_shell(void **state)
{
	(void)state;
	const char *const argv[] = {"printf", "%s|", "$HOME", "`id`", "a b", "*", NULL};
	const struct runtime runtime = test_runtime();
	const struct proc_request req = {.argv = argv, .runtime = &runtime, .deadline = DEADLINE_NEVER, .limit = 100};
	AUTO(secret) out = SECRET_INIT;
	assert_true(proc_capture_secret(&req, &out, NULL));
	assert_string_equal(secret_reveal(&out).ptr, "$HOME|`id`|a b|*|");
}

static void the_child_gets_a_clean_place(void **state)
{
	(void)state;
	int open_fd = open("/dev/null", O_RDONLY);
	assert_true(open_fd > 2);
	AUTO_FREE char *fd_script =
		xasprintf("if [ -e /proc/$$/fd/%d ]; then echo open; else echo closed; fi", open_fd);
	expect_output(fd_script, "closed\n");
	assert_int_equal(close(open_fd), 0);
	expect_output("cat; readlink /proc/$$/fd/0", "/dev/null\n");
	/* field 5 is the process group */
	expect_output("read -r pid name s ppid group rest </proc/$$/stat; [ $group = $$ ] && echo own", "own\n");
}

/* Whatever we have open, with or without the flag that closes it: the child has 0, 1 and 2. */
static void the_child_gets_three_descriptors(void **state)
{
	(void)state;
	static const int numbers[] = {3, 4, 5, 6, 7, 8, 9, 63, 64, 200};
	static const char script[] = "ls /proc/$$/fd; :"; /* the shell's, which opens none itself */
	int fds[2 * ARRAY_SIZE(numbers)];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		assert_true((fds[i] = fcntl(null, i % 2 ? F_DUPFD : F_DUPFD_CLOEXEC, numbers[i / 2])) > 2);
	AUTO(secret) input = SECRET_INIT;
	AUTO(secret) out = SECRET_INIT;
	secret_set(&input, "x", 1);
	expect_output(script, "0\n1\n2\n");
	assert_true(feed(script, &input, &out, NULL));
	assert_string_equal(secret_reveal(&out).ptr, "0\n1\n2\n");
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		assert_int_equal(close(fds[i]), 0);
	assert_int_equal(close(null), 0);
}

static void signals_are_the_usual_ones(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	sigset_t block, before;
	void (*handler)(int) = signal(SIGPIPE, SIG_IGN);
	assert_false(run("kill -PIPE $$; echo survived", 100, &out, &err));
	assert_non_null(strstr(err.status.text, "signal 13"));
	(void)signal(SIGPIPE, handler);
	(void)sigemptyset(&block);
	(void)sigaddset(&block, SIGUSR1);
	assert_int_equal(sigprocmask(SIG_BLOCK, &block, &before), 0);
	assert_false(run("kill -USR1 $$; echo survived", 100, &out, &err));
	assert_non_null(strstr(err.status.text, "signal 10"));
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

static void an_ignored_sigchld_loses_no_exit_status(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	void (*handler)(int) = signal(SIGCHLD, SIG_IGN);
	assert_false(run("exit 3", 100, &out, &err));
	assert_non_null(strstr(err.status.text, "exit status 3"));
	expect_output("echo fine", "fine\n");
	assert_true(signal(SIGCHLD, handler) == SIG_IGN); /* as it was */
}

static void our_own_standard_files_may_be_closed(void **state)
{
	(void)state;
	int in = fcntl(0, F_DUPFD_CLOEXEC, 10), out = fcntl(1, F_DUPFD_CLOEXEC, 10);
	assert_true(out >= 10);
	(void)close(0);
	(void)close(1);
	AUTO(secret) got = SECRET_INIT;
	bool ok = run("cat; echo secret", 100, &got, NULL);
	assert_int_equal(dup2(out, 1), 1);
	if (in >= 0)
		assert_int_equal(dup2(in, 0), 0);
	(void)close(in);
	(void)close(out);
	assert_true(ok);
	assert_string_equal(secret_reveal(&got).ptr, "secret\n");
}

static void a_grandchild_with_the_pipe_does_not_hold_us(void **state)
{
	(void)state;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	if (!run("sleep 300 & echo $!", 100, &out, &err))
		fail_msg("%s", err.status.text);
	long pid = strtol(secret_reveal(&out).ptr, NULL, 10);
	assert_true(pid > 1);
	assert_int_equal(kill((pid_t)pid, SIGKILL), 0); /* it was let live */
}

/* ---- deadlines: the clock passes them when the script says so ---------- */

struct told_clock {
	struct clock clock; /* first */
	int fifo;
	bool told;
};

static msec_t told_monotonic(const struct clock *clock)
{
	struct told_clock *t = (struct told_clock *)(uintptr_t)clock;
	char c;
	if (!t->told)
		t->told = read(t->fifo, &c, 1) == 1;
	return t->told ? 1000 : 0;
}

static void a_child_that_hangs_is_killed_with_its_family(void **state)
{
	(void)state;
	static const char *const hangs[] = {
		"sleep 300 >&3 & echo x >&3; wait",				 /* with a child of its own */
		"trap '' TERM HUP INT; echo x >&3; while :; do sleep 300; done", /* deaf */
		"exec >&-; echo x >&3; sleep 300",				 /* without the pipe */
		"echo " CANARY "; echo x >&3; sleep 300",
	};
	char folder[] = "/tmp/posthaste-test-XXXXXX";
	assert_non_null(mkdtemp(folder));
	AUTO_FREE char *fifo = xasprintf("%s/fifo", folder);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (size_t i = 0; i < ARRAY_SIZE(hangs); i++) {
		struct told_clock clock = {
			{told_monotonic, NULL}, open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC), false};
		assert_true(clock.fifo >= 0);
		AUTO_FREE char *script = xasprintf("exec 3>%s; %s", fifo, hangs[i]);
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		assert_false(run_until(script, 100, &clock.clock, 20, &out, &err));
		assert_int_equal(err.status.kind, ERROR_SECRET_UNAVAILABLE);
		assert_non_null(strstr(err.status.text, "did not end in time"));
		assert_null(strstr(err.status.text, "canary"));
		assert_false(secret_is_set(&out));
		/* the last one who had it open for writing is gone */
		struct pollfd p = {.fd = clock.fifo, .events = 0};
		assert_int_equal(poll(&p, 1, 30000), 1);
		assert_true(p.revents & POLLHUP);
		(void)close(clock.fifo);
	}
	assert_int_equal(unlink(fifo), 0);
	assert_int_equal(rmdir(folder), 0);
}

static unsigned open_fds(void)
{
	unsigned n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void nothing_stays_open_or_unreaped(void **state)
{
	(void)state;
	unsigned before = open_fds();
	AUTO(secret) out = SECRET_INIT;
	assert_true(run(":", 10, &out, NULL));
	assert_false(run("exit 1", 10, &out, NULL));
	assert_false(run("echo too much for it", 10, &out, NULL));
	const char *const argv[] = {"/nonexistent/helper", NULL};
	const struct runtime runtime = test_runtime();
	const struct proc_request req = {.argv = argv, .runtime = &runtime, .deadline = DEADLINE_NEVER, .limit = 10};
	assert_false(proc_capture_secret(&req, &out, NULL));
	assert_int_equal(open_fds(), before);
	siginfo_t info;
	assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOHANG), -1); /* ECHILD: no children at all */
}

/* ---- input ---- */

static void input_arrives_whole_and_ends(void **state)
{
	(void)state;
	static const size_t sizes[] = {0, 1, 4096, 65536, 65537, 1000000}; /* around what pipes and sockets hold */
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTO(secret) input = SECRET_INIT;
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_FREE char *octets = xmalloc(sizes[i] + 1);
		for (size_t n = 0; n < sizes[i]; n++)
			octets[n] = (char)(n % 251);
		secret_set(&input, octets, sizes[i]);
		if (!feed("cat; printf end", &input, &out, &err))
			fail_msg("%zu octets: %s", sizes[i], err.status.text);
		assert_int_equal(secret_reveal(&out).len, sizes[i] + 3);
		assert_memory_equal(secret_reveal(&out).ptr, octets, sizes[i]);
	}
}

/* With the usual SIGPIPE: it would end us. */
static void a_child_that_does_not_listen_is_judged_by_its_status(void **state)
{
	(void)state;
	AUTO(secret) input = SECRET_INIT;
	AUTO(secret) out = SECRET_INIT;
	AUTO(error) err = ERROR_INIT;
	AUTO_FREE char *octets = xcalloc(1, 1000000);
	secret_set(&input, octets, 1000000);
	assert_true(feed("exec <&-; printf done", &input, &out, NULL));
	assert_string_equal(secret_reveal(&out).ptr, "done");
	assert_true(feed("printf done", &input, &out, NULL));
	assert_string_equal(secret_reveal(&out).ptr, "done");
	assert_false(feed("exit 3", &input, &out, &err));
	assert_non_null(strstr(err.status.text, "exit status 3"));
}

/* ---- what ends us, and the terminal ------------------------------------- */

/* Waits until the text was read, or until the end if it is NULL. */
static void await(int fd, const char *text)
{
	char got[4096];
	size_t n = 0;
	for (;;) {
		ssize_t more = read(fd, got + n, sizeof(got) - 1 - n);
		if (more <= 0)
			break;
		n += (size_t)more;
		got[n] = '\0';
		if (text && strstr(got, text))
			return;
	}
	if (text)
		fail_msg("the end came before \"%s\"", text);
}

/* The helper and its family hold standard error open; at its end they are gone. */
static void a_helper_does_not_outlive_us(void **state)
{
#ifndef HAVE_SYS_PRCTL_H
	print_message("# skipped: here nothing ends a process together with the one that made it\n");
	skip();
#endif
	(void)state;
	static const struct {
		int signal_number;
		const char *script;
	} rows[] = {
		{SIGTERM, "echo started >&2; sleep 1000 & sleep 1000"},
		{SIGHUP, "trap '' HUP TERM INT; echo started >&2; sleep 1000 & sleep 1000"},
		{SIGINT, "echo started >&2; exec sleep 1000"},
		{SIGQUIT, "echo started >&2; sleep 1000"},
		{SIGKILL, "echo started >&2; exec sleep 1000"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int ends[2], status;
		assert_int_equal(pipe(ends), 0);
		pid_t pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			AUTO(secret) out = SECRET_INIT;
			(void)dup2(ends[1], STDERR_FILENO);
			(void)close(ends[0]);
			(void)close(ends[1]);
			_exit(run(rows[i].script, 100, &out, NULL));
		}
		(void)close(ends[1]);
		await(ends[0], "started");
		assert_int_equal(kill(pid, rows[i].signal_number), 0);
		await(ends[0], NULL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == rows[i].signal_number);
		(void)close(ends[0]);
	}
}

/* Runs act in a session with a terminal; types the text once "ready" has been printed there; returns the wait status.
 */
static int on_terminal(int (*act)(void), const char *typed)
{
	int master, status;
	pid_t pid = forkpty(&master, NULL, NULL, NULL);
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(act());
	await(master, "ready");
	assert_int_equal(write(master, typed, strlen(typed)), strlen(typed));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	(void)close(master);
	return status;
}

static int asks_on_the_terminal(void)
{
	AUTO(secret) out = SECRET_INIT;
	for (int i = 0; i < 2; i++) /* the second time shows that the terminal came back */
		if (!run("exec 3<>/dev/tty; echo ready >&3; read line <&3; printf '%s' \"$line\"", 100, &out, NULL) ||
		    strcmp(secret_reveal(&out).ptr, i ? "two" : "one") != 0)
			return 1 + i;
	return tcgetpgrp(STDIN_FILENO) == getpgrp() ? 0 : 3;
}

static int is_interrupted(void)
{
	AUTO(secret) out = SECRET_INIT;
	(void)run("echo ready >/dev/tty; exec sleep 1000", 100, &out, NULL);
	return 0;
}

static int asks_in_the_background(void)
{
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		AUTO(secret) out = SECRET_INIT;
		AUTO(error) err = ERROR_INIT;
		(void)setpgid(0, 0);
		bool ok = run("read line </dev/tty", 100, &out, &err);
		_exit(ok || err.status.kind != ERROR_SECRET_UNAVAILABLE || !strstr(err.status.text, "background"));
	}
	if (waitpid(pid, &status, 0) != pid)
		return 2;
	(void)!write(STDOUT_FILENO, "ready", 5);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 3;
}

static void a_helper_has_the_terminal_if_we_have_it(void **state)
{
	(void)state;
	int status = on_terminal(asks_on_the_terminal, "one\ntwo\n");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	status = on_terminal(asks_in_the_background, "");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void an_interrupt_on_the_terminal_ends_both(void **state)
{
	(void)state;
	int status = on_terminal(is_interrupted, "\003");
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

/* A person can be asked on a terminal or a display. */
static int patience_is(const char *variable, msec_t want)
{
	char *variables[] = {(char *)(uintptr_t)variable, NULL};
	struct runtime runtime = test_runtime();
	runtime.environ = variables;
	return proc_patience(&runtime) == want ? 0 : 1;
}

static int has_a_terminal(void)
{
	(void)!write(STDOUT_FILENO, "ready", 5);
	return patience_is("HOME=/", 300000);
}

static void helpers_have_more_time_where_a_person_can_be_asked(void **state)
{
	(void)state;
	static const struct {
		const char *variable;
		msec_t want;
	} rows[] = {
		{"HOME=/", 60000}, {"DISPLAY=", 60000}, {"DISPLAY=:0", 300000}, {"WAYLAND_DISPLAY=wayland-0", 300000}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int status;
		pid_t pid = fork();
		if (pid == 0) {
			(void)setsid();
			_exit(patience_is(rows[i].variable, rows[i].want));
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
	assert_int_equal(on_terminal(has_a_terminal, ""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_is_taken_as_it_is),
		cmocka_unit_test(nul_octets_are_kept),
		cmocka_unit_test(the_limit_is_exact),
		cmocka_unit_test(endless_output_ends_at_the_limit),
		cmocka_unit_test(failures_name_the_command_and_never_its_output),
		cmocka_unit_test(a_command_that_is_not_there_is_named),
		cmocka_unit_test(arguments_meet_no_shell),
		cmocka_unit_test(the_child_gets_a_clean_place),
		cmocka_unit_test(the_child_gets_three_descriptors),
		cmocka_unit_test(signals_are_the_usual_ones),
		cmocka_unit_test(an_ignored_sigchld_loses_no_exit_status),
		cmocka_unit_test(our_own_standard_files_may_be_closed),
		cmocka_unit_test(a_grandchild_with_the_pipe_does_not_hold_us),
		cmocka_unit_test(a_child_that_hangs_is_killed_with_its_family),
		cmocka_unit_test(nothing_stays_open_or_unreaped),
		cmocka_unit_test(a_helper_does_not_outlive_us),
		cmocka_unit_test(a_helper_has_the_terminal_if_we_have_it),
		cmocka_unit_test(helpers_have_more_time_where_a_person_can_be_asked),
		cmocka_unit_test(an_interrupt_on_the_terminal_ends_both),
		cmocka_unit_test(input_arrives_whole_and_ends),
		cmocka_unit_test(a_child_that_does_not_listen_is_judged_by_its_status),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
