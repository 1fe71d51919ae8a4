/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both kinds of locks have to behave alike: this runs in builds with and without open file description locks. */
#include "base/file_lock.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[32];

static int file_make(void **state)
{
	static const char pattern[] = "/tmp/posthaste-lock-XXXXXX";
	(void)state;
	memcpy(path, pattern, sizeof(pattern));
	int fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int file_remove(void **state)
{
	(void)state;
	return unlink(path);
}

static int open_file(void)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void one_open_file_has_the_lock(void **state)
{
	(void)state;
	AUTO_FD int first = open_file();
	AUTO_FD int second = open_file();
	assert_false(file_is_locked(second));
	assert_int_equal(file_lock(first), 0);
	assert_int_equal(file_lock(first), 0); /* once more */
	assert_true(file_is_locked(second));
	errno = 0;
	assert_int_equal(file_lock(second), -1);
	assert_int_equal(errno, EAGAIN);
	(void)close(steal_fd(&first));
	assert_false(file_is_locked(second));
	assert_int_equal(file_lock(second), 0);
}

static void asking_leaves_no_lock(void **state)
{
	(void)state;
	AUTO_FD int first = open_file();
	AUTO_FD int second = open_file();
	assert_false(file_is_locked(first));
	assert_int_equal(file_lock(second), 0);
}

static void it_lasts_as_long_as_a_child_has_the_open_file(void **state)
{
	int stay[2], status;
	(void)state;
	AUTO_FD int first = open_file();
	AUTO_FD int second = open_file();
	assert_int_equal(pipe(stay), 0);
	assert_int_equal(file_lock(first), 0);
	pid_t child = fork();
	if (child == 0) {
		char octet;
		(void)close(stay[1]);
		_exit(read(stay[0], &octet, 1) == 0 ? 0 : 1);
	}
	(void)close(stay[0]);
	(void)close(steal_fd(&first));
	assert_true(file_is_locked(second));
	(void)close(stay[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(file_lock(second), 0);
}

static void who_only_asks_is_in_nobodys_way(void **state)
{
	int status;
	(void)state;
	pid_t child = fork();
	if (child == 0) {
		AUTO_FD int asks = open(path, O_RDWR | O_CLOEXEC);
		for (int i = 0; i < 20000; i++)
			(void)file_is_locked(asks);
		_exit(0);
	}
	while (waitpid(child, &status, WNOHANG) == 0) {
		AUTO_FD int fd = open_file();
		assert_int_equal(file_lock(fd), 0);
	}
	assert_int_equal(status, 0);
}

static void what_is_no_open_file_cannot_be_locked(void **state)
{
	(void)state;
	errno = 0;
	assert_int_equal(file_lock(-1), -1);
	assert_int_equal(errno, EBADF);
	assert_false(file_is_locked(-1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_open_file_has_the_lock, file_make, file_remove),
		cmocka_unit_test_setup_teardown(asking_leaves_no_lock, file_make, file_remove),
		cmocka_unit_test_setup_teardown(it_lasts_as_long_as_a_child_has_the_open_file, file_make, file_remove),
		cmocka_unit_test_setup_teardown(who_only_asks_is_in_nobodys_way, file_make, file_remove),
		cmocka_unit_test(what_is_no_open_file_cannot_be_locked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
