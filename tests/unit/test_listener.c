/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The listener with a small session: limits, crashes, clients that say nothing, the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "serve/listener.h"

#include "base/xalloc.h"
#include "tests/lib/test_runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define PATIENCE_MS 60000

struct running {
	pid_t pid;
	int events; /* what the listener reports, a letter each */
	struct sockaddr_in at;
};

static void report(const void *arg, char letter)
{
	const int *fd = arg;
	(void)!write(*fd, &letter, 1);
}

static void state_changed(void *arg, bool ready)
{
	report(arg, ready ? 'r' : 's');
}

static void were_refused(void *arg, unsigned long clients, const struct peer *last)
{
	(void)last;
	report(arg, (char)('0' + clients));
}

static bool wait_readable(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int n;
	while ((n = poll(&p, 1, PATIENCE_MS)) < 0 && errno == EINTR)
		;
	return n == 1;
}

static void was_woken(void *arg)
{
	report(arg, 'w');
}

/* Greets, then repeats what it gets; "c" crashes, "w" wakes the listener, "m" begins a message, which the next octet
 * ends. */
static int echo(void *arg, int fd, const struct peer *peer)
{
	char octet = 'g';
	(void)arg;
	if (!peer->loopback)
		return 1;
	do {
		listener_interrupts(octet == 'm' ? -1 : fd);
		(void)!write(fd, &octet, 1);
		if (octet == 'c')
			abort();
		if (octet == 'w' && !listener_wake())
			return 1;
		if (!wait_readable(fd))
			return 1;
	} while (read(fd, &octet, 1) == 1);
	octet = listener_is_ending() ? 'e' : 'q';
	(void)!write(fd, &octet, 1);
	return 0;
}

static void start(struct running *r, size_t sessions_max, size_t peer_max)
{
	int ends[2];
	AUTO(strvec) words = STRVEC_INIT;
	struct listen_sockets sockets = LISTEN_SOCKETS_INIT;
	socklen_t len = sizeof(r->at);
	strvec_push(&words, "127.0.0.1:0");
	assert_true(listen_open(&sockets, &words, NULL));
	assert_int_equal(getsockname(sockets.v[0].fd, (struct sockaddr *)&r->at, &len), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	r->pid = fork();
	if (r->pid == 0) {
		struct runtime runtime = test_runtime();
		struct listener_request how = {
			.sockets = &sockets,
			.runtime = &runtime,
			.host_name = "host.example.org",
			.sessions_max = sessions_max,
			.peer_max = peer_max,
			.serve = echo,
			.refused = were_refused,
			.wake = was_woken,
			.state = state_changed,
			.arg = &ends[1],
		};
		_exit(listener_run(&how, NULL) ? 0 : 1);
	}
	assert_true(r->pid > 0);
	listen_sockets_release(&sockets);
	(void)close(ends[1]);
	r->events = ends[0];
}

/* The next octet; 0 at the end. */
static char next_of(int fd)
{
	char octet = 0;
	assert_true(wait_readable(fd));
	return read(fd, &octet, 1) == 1 ? octet : 0;
}

static int connect_to(const struct running *r)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&r->at, sizeof(r->at)), 0);
	return fd;
}

static int begin(const struct running *r)
{
	int fd = connect_to(r);
	assert_int_equal(next_of(fd), 'g');
	return fd;
}

static char ask(int fd, char octet)
{
	assert_int_equal(write(fd, &octet, 1), 1);
	return next_of(fd);
}

static void stop(struct running *r)
{
	int status;
	assert_int_equal(kill(r->pid, SIGTERM), 0);
	assert_int_equal(waitpid(r->pid, &status, 0), r->pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	(void)close(r->events);
}

/* Reads to the end. */
static void refused_with(int fd, const char *wanted)
{
	char line[200];
	size_t n = 0;
	for (char c; n + 1 < sizeof(line) && (c = next_of(fd));)
		line[n++] = c;
	line[n] = '\0';
	assert_string_equal(line, wanted);
	(void)close(fd);
}

static void sessions_do_not_wait_for_each_other(void **state)
{
	(void)state;
	struct running r;
	int silent[20];
	start(&r, 200, 100);
	assert_int_equal(next_of(r.events), 'r');
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++)
		silent[i] = begin(&r);
	int fd = begin(&r);
	assert_int_equal(ask(fd, 'x'), 'x');
	assert_int_equal(ask(fd, 'c'), 'c'); /* it crashes */
	assert_int_equal(next_of(fd), 0);
	(void)close(fd);
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
		assert_int_equal(ask(silent[i], 'y'), 'y');
		(void)close(silent[i]);
	}
	stop(&r);
}

static void there_are_limits(void **state)
{
	(void)state;
	static const struct {
		size_t sessions, peer;
	} rows[] = {{2, 100}, {100, 2}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct running r;
		start(&r, rows[i].sessions, rows[i].peer);
		assert_int_equal(next_of(r.events), 'r');
		int first = begin(&r), second = begin(&r);
		refused_with(connect_to(&r),
			     "421 4.7.0 host.example.org too many sessions at the moment, try again later\r\n");
		assert_int_equal(next_of(r.events), '1'); /* the first one is reported at once, more of them later */
		refused_with(connect_to(&r),
			     "421 4.7.0 host.example.org too many sessions at the moment, try again later\r\n");
		refused_with(connect_to(&r),
			     "421 4.7.0 host.example.org too many sessions at the moment, try again later\r\n");
		assert_int_equal(shutdown(first, SHUT_WR), 0); /* there is room again */
		assert_int_equal(next_of(first), 'q');
		assert_int_equal(next_of(first), 0);
		(void)close(first);
		for (;;) { /* until its process has ended, too */
			int fd = connect_to(&r);
			char c = next_of(fd);
			(void)close(fd);
			if (c == 'g')
				break;
		}
		(void)close(second);
		assert_int_equal(kill(r.pid, SIGTERM), 0);
		assert_int_equal(next_of(r.events), 's');
		assert_true(next_of(r.events) >= '2');
		stop(&r);
	}
}

static void the_end_waits_for_messages(void **state)
{
	(void)state;
	struct running r;
	start(&r, 200, 100);
	assert_int_equal(next_of(r.events), 'r');
	int idle = begin(&r), busy = begin(&r);
	assert_int_equal(ask(busy, 'm'), 'm');
	assert_int_equal(kill(r.pid, SIGTERM), 0);
	assert_int_equal(next_of(r.events), 's');
	assert_int_equal(next_of(idle), 'e');
	assert_int_equal(next_of(idle), 0);
	int late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); /* nothing is accepted any more */
	bool accepted = connect(late, (const struct sockaddr *)&r.at, sizeof(r.at)) == 0 && next_of(late) == 'g';
	assert_false(accepted);
	assert_int_equal(ask(busy, '.'), '.');
	assert_int_equal(next_of(busy), 'e');
	stop(&r);
	(void)close(idle);
	(void)close(busy);
	(void)close(late);
}

static void a_session_wakes_the_listener(void **state)
{
	(void)state;
	struct running r;
	start(&r, 200, 100);
	assert_int_equal(next_of(r.events), 'r');
	int fd = begin(&r), busy = begin(&r);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ask(fd, 'w'), 'w');
		assert_int_equal(next_of(r.events), 'w');
	}
	assert_int_equal(ask(busy, 'm'), 'm');
	assert_int_equal(kill(r.pid, SIGTERM), 0);
	assert_int_equal(next_of(r.events), 's');
	assert_int_equal(ask(busy, 'w'), 'w'); /* while it ends, too */
	assert_int_equal(next_of(r.events), 'w');
	stop(&r);
	(void)close(fd);
	(void)close(busy);
}

/* The listener was killed. */
static void a_session_that_is_left_alone(void **state)
{
	(void)state;
	struct running r;
	int status;
	start(&r, 200, 100);
	assert_int_equal(next_of(r.events), 'r');
	int fd = begin(&r);
	assert_int_equal(kill(r.pid, SIGKILL), 0);
	assert_int_equal(waitpid(r.pid, &status, 0), r.pid);
	assert_int_equal(ask(fd, 'w'), 'w');
	assert_int_equal(next_of(fd), 0); /* it has noticed */
	(void)close(fd);
	(void)close(r.events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_do_not_wait_for_each_other), cmocka_unit_test(there_are_limits),
		cmocka_unit_test(the_end_waits_for_messages),	       cmocka_unit_test(a_session_wakes_the_listener),
		cmocka_unit_test(a_session_that_is_left_alone),
	};
	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
