/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/proc_peer.h"

#include "base/cleanup.h"

#include "../lib/test_runtime.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct proc_peer *start(const char *script, bool keeps, int *fd)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct runtime runtime = test_runtime();
	runtime.keeps_helper_errors = keeps;
	struct proc_peer *peer = proc_peer_start(argv, &runtime, fd, NULL);
	assert_non_null(peer);
	return peer;
}

/* Reads to the end, or to the first line's. */
static void read_text(int fd, char *text, size_t room, bool line)
{
	size_t len = 0;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	for (;;) {
		assert_int_equal(poll(&p, 1, 60000), 1);
		ssize_t n = read(fd, text + len, room - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		if (line && text[len - 1] == '\n')
			break;
	}
	text[len] = '\0';
}

static void both_directions_are_one_socket(void **state)
{
	(void)state;
	char text[100];
	AUTO_FD int fd = -1;
	struct proc_peer *peer = start("read x; echo \"got $x\"; echo more >&0", true, &fd);
	assert_int_equal(write(fd, "hello\n", 6), 6);
	read_text(fd, text, sizeof(text), false);
	assert_string_equal(text, "got hello\nmore\n");
	assert_false(proc_peer_explain(peer, ERROR_CONNECT, NULL));
	proc_peer_end(peer);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void how_it_ended_is_explained(void **state)
{
	(void)state;
	static const struct {
		const char *script;
		bool keeps;
		const char *text; /* NULL: no failure */
	} rows[] = {
		{"exit 0", true, NULL},
		{"exec >&- <&-; sleep 1000", true, NULL}, /* it has not ended */
		{"exit 7", true, "the command sh failed with exit status 7"},
		{"echo one >&2; echo 'two ' >&2; exit 255", true, "the command sh failed with exit status 255: two"},
		{"exec 2>/dev/null; echo one >&2; exit 1", false, "the command sh failed with exit status 1"},
		{"kill -9 $$", true, "the command sh was terminated by signal 9 (Killed)"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		char text[10];
		int fd = -1;
		struct proc_peer *peer = start(rows[i].script, rows[i].keeps, &fd);
		read_text(fd, text, sizeof(text), false);
		assert_int_equal(proc_peer_explain(peer, ERROR_CONNECT, &err), rows[i].text != NULL);
		if (rows[i].text)
			assert_string_equal(err.status.text, rows[i].text);
		assert_int_equal(err.status.kind, rows[i].text ? ERROR_CONNECT : ERROR_NONE);
		(void)close(fd);
		proc_peer_end(peer);
	}
}

static void nothing_of_it_is_left(void **state)
{
	(void)state;
	char text[100];
	int fd = -1;
	struct proc_peer *peer = start("sleep 1000 & echo $$; sleep 1000; :", true, &fd);
	read_text(fd, text, sizeof(text), true);
	(void)close(fd);
	pid_t pid = (pid_t)atoi(text);
	assert_int_equal(kill(-pid, 0), 0);
	proc_peer_end(peer);
	/* what it had started is init's to reap */
	for (int i = 0; i < 1000 && kill(-pid, 0) == 0; i++)
		(void)poll(NULL, 0, 10);
	assert_int_equal(kill(-pid, 0), -1);
}

static void an_ignored_sigchld_loses_no_exit_status(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction before, after;
	char text[10];
	int fd = -1;
	(void)sigaction(SIGCHLD, &ignore, &before);
	struct proc_peer *peer = start("exit 3", true, &fd);
	read_text(fd, text, sizeof(text), false);
	assert_true(proc_peer_explain(peer, ERROR_CONNECT, &err));
	assert_string_equal(err.status.text, "the command sh failed with exit status 3");
	(void)close(fd);
	proc_peer_end(peer);
	(void)sigaction(SIGCHLD, &before, &after);
	assert_true(after.sa_handler == SIG_IGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_are_one_socket),
		cmocka_unit_test(how_it_ended_is_explained),
		cmocka_unit_test(nothing_of_it_is_left),
		cmocka_unit_test(an_ignored_sigchld_loses_no_exit_status),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
