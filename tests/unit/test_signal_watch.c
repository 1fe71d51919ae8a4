/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both ways of watching have to behave alike: this runs in builds with and without signalfd(2). */
#include "base/signal_watch.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

static const int two[] = {SIGUSR1, SIGUSR2};
static volatile sig_atomic_t caught;

static void catch_it(int number)
{
	caught = number;
}

static void set_handler(int number)
{
	const struct sigaction ours = {.sa_handler = catch_it};
	assert_int_equal(sigaction(number, &ours, NULL), 0);
	caught = 0;
}

static bool is_readable(const struct signal_watch *w, int ms)
{
	struct pollfd p = {.fd = w->fd, .events = POLLIN};
	int n;
	while ((n = poll(&p, 1, ms)) < 0 && errno == EINTR)
		;
	return n > 0;
}

static void a_signal_makes_the_descriptor_readable_until_it_is_taken(void **state)
{
	struct signal_watch w;
	(void)state;
	set_handler(SIGUSR1);
	assert_true(signal_watch_begin(&w, two, ARRAY_SIZE(two)));
	assert_false(is_readable(&w, 0));
	assert_int_equal(signal_watch_take(&w), 0);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_true(is_readable(&w, 0));
	assert_int_equal(signal_watch_take(&w), SIGUSR1);
	assert_int_equal(signal_watch_take(&w), 0);
	assert_false(is_readable(&w, 0));
	signal_watch_end(&w);
	assert_int_equal(caught, 0); /* it was dealt with */
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(caught, SIGUSR1);
}

static void what_is_only_peeked_at_is_delivered_at_the_end(void **state)
{
	struct signal_watch w;
	(void)state;
	set_handler(SIGUSR2);
	assert_true(signal_watch_begin(&w, two, ARRAY_SIZE(two)));
	assert_int_equal(signal_watch_peek(&w), 0);
	assert_int_equal(raise(SIGUSR2), 0);
	assert_int_equal(signal_watch_peek(&w), SIGUSR2);
	assert_int_equal(signal_watch_peek(&w), SIGUSR2);
	assert_int_equal(caught, 0);
	signal_watch_end(&w);
	assert_int_equal(caught, SIGUSR2);
	signal_watch_end(&w); /* does nothing more */
}

static void signals_that_were_blocked_before_are_seen_and_blocked_again(void **state)
{
	struct signal_watch w;
	sigset_t set, now;
	(void)state;
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGUSR1);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	assert_true(signal_watch_begin(&w, two, ARRAY_SIZE(two)));
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(signal_watch_take(&w), SIGUSR1);
	signal_watch_end(&w);
	assert_int_equal(sigprocmask(SIG_UNBLOCK, &set, &now), 0);
	assert_int_equal(sigismember(&now, SIGUSR1), 1);
	assert_int_equal(sigismember(&now, SIGUSR2), 0);
}

static void a_watch_in_a_watch_takes_what_comes_meanwhile(void **state)
{
	static const int one[] = {SIGUSR1};
	struct signal_watch outer, inner;
	(void)state;
	assert_true(signal_watch_begin(&outer, two, ARRAY_SIZE(two)));
	assert_true(signal_watch_begin(&inner, one, 1));
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(signal_watch_take(&inner), SIGUSR1);
	signal_watch_end(&inner);
	assert_int_equal(signal_watch_take(&outer), 0);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(signal_watch_take(&outer), SIGUSR1);
	/* what the inner one leaves is the outer one's */
	assert_true(signal_watch_begin(&inner, one, 1));
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(signal_watch_peek(&inner), SIGUSR1);
	signal_watch_end(&inner);
	assert_int_equal(signal_watch_take(&outer), SIGUSR1);
	signal_watch_end(&outer);
}

/* ---- in a child ---- */

static int exit_status(pid_t child)
{
	int status = -1;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void what_comes_for_a_child_is_the_childs(void **state)
{
	struct signal_watch w;
	(void)state;
	assert_true(signal_watch_begin(&w, two, ARRAY_SIZE(two)));
	pid_t child = fork();
	if (child == 0) {
		set_handler(SIGUSR1);
		(void)raise(SIGUSR2); /* before it has forgotten the watch */
		set_handler(SIGUSR2);
		signal_watch_forget(&w);
		bool early = caught == SIGUSR2;
		(void)raise(SIGUSR1);
		_exit(early && caught == SIGUSR1 ? 0 : 1);
	}
	assert_int_equal(exit_status(child), 0);
	assert_int_equal(signal_watch_take(&w), 0);
	signal_watch_end(&w);
}

static void a_child_can_go_on_watching(void **state)
{
	struct signal_watch w;
	(void)state;
	assert_true(signal_watch_begin(&w, two, ARRAY_SIZE(two)));
	assert_int_equal(raise(SIGUSR2), 0);
	pid_t child = fork();
	if (child == 0) {
		(void)raise(SIGUSR1); /* before it has renewed the watch */
		signal_watch_renew(&w);
		bool ok = is_readable(&w, 5000) && signal_watch_take(&w) == SIGUSR1 && signal_watch_take(&w) == 0;
		(void)raise(SIGUSR2);
		_exit(ok && signal_watch_take(&w) == SIGUSR2 ? 0 : 1);
	}
	assert_int_equal(exit_status(child), 0);
	assert_int_equal(signal_watch_take(&w), SIGUSR2); /* its own is still there */
	assert_int_equal(signal_watch_take(&w), 0);
	signal_watch_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_makes_the_descriptor_readable_until_it_is_taken),
		cmocka_unit_test(what_is_only_peeked_at_is_delivered_at_the_end),
		cmocka_unit_test(signals_that_were_blocked_before_are_seen_and_blocked_again),
		cmocka_unit_test(a_watch_in_a_watch_takes_what_comes_meanwhile),
		cmocka_unit_test(what_comes_for_a_child_is_the_childs),
		cmocka_unit_test(a_child_can_go_on_watching),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
