/* SPDX-License-Identifier: GPL-3.0-or-later */
/* With and without inotify(7): a change ends the wait, and nothing else does. */
#include "runner/wait.h"

#include "base/xalloc.h"
#include "spool_help.h"

#include <fcntl.h>
#include <unistd.h>

#define LONG_MS 60000

struct place {
	char *folder;
	struct queue_wait watch;
};

static void write_octet(const char *path)
{
	AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
}

static int set_up(void **state)
{
	AUTO(error) err = ERROR_INIT;
	static const char *const parts[] = {"new", "state", "tmp", "etc"};
	struct place *place = xcalloc(1, sizeof(*place));
	place->folder = make_folder();
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		AUTO_FREE char *path = xasprintf("%s/%s", place->folder, parts[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	*state = place;
	return queue_wait_open(&place->watch, place->folder, &clock_system, &err) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct place *place = *state;
	queue_wait_close(&place->watch);
	remove_folder(place->folder);
	free(place);
	return 0;
}

/* True if the wait ended before its time. */
static bool ends_early(struct place *place, int64_t ms, bool wakes)
{
	int64_t until = clock_wall_ms(&clock_system) + ms;
	assert_true(queue_wait_until(&place->watch, until, wakes));
	return clock_wall_ms(&clock_system) < until;
}

static void a_message_that_comes_or_goes_ends_the_wait(void **state)
{
	struct place *place = *state;
	AUTO_FREE char *temp = xasprintf("%s/tmp/a", place->folder), *new = xasprintf("%s/new/a", place->folder);
	write_octet(temp);
	assert_int_equal(rename(temp, new), 0);
	assert_true(ends_early(place, LONG_MS, true));
	assert_int_equal(unlink(new), 0);
	assert_true(ends_early(place, LONG_MS, true));
	assert_false(ends_early(place, 1, true)); /* it was told once */
}

static void a_state_that_changes_ends_the_wait(void **state)
{
	struct place *place = *state;
	AUTO_FREE char *temp = xasprintf("%s/tmp/a", place->folder), *name = xasprintf("%s/state/a", place->folder);
	write_octet(temp);
	assert_int_equal(rename(temp, name), 0);
	assert_true(ends_early(place, LONG_MS, true));
}

static void a_file_besides_ends_the_wait(void **state)
{
	struct place *place = *state;
	AUTO_FREE char *file = xasprintf("%s/etc/config", place->folder);
	AUTO_FREE char *other = xasprintf("%s/etc/other", place->folder);
	queue_wait_watch(&place->watch, file);
	queue_wait_watch(&place->watch, file);
	write_octet(other);
	assert_false(ends_early(place, 1, true));
	write_octet(file);
	assert_true(ends_early(place, LONG_MS, true));
	assert_false(ends_early(place, 1, true));
	assert_int_equal(rename(other, file), 0);
	assert_true(ends_early(place, LONG_MS, true));
}

static void a_wait_for_a_time_is_not_ended_by_changes(void **state)
{
	struct place *place = *state;
	AUTO_FREE char *new = xasprintf("%s/new/a", place->folder);
	write_octet(new);
	assert_false(ends_early(place, 1, false));
	assert_true(ends_early(place, LONG_MS, true)); /* and is not forgotten */
}

static void a_signal_ends_it_for_good(void **state)
{
	struct place *place = *state;
	assert_false(queue_wait_stopped(&place->watch));
	assert_int_equal(raise(SIGTERM), 0);
	assert_false(queue_wait_until(&place->watch, clock_wall_ms(&clock_system) + LONG_MS, true));
	assert_true(queue_wait_stopped(&place->watch));
	assert_false(queue_wait_until(&place->watch, clock_wall_ms(&clock_system) + LONG_MS, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_message_that_comes_or_goes_ends_the_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_state_that_changes_ends_the_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_besides_ends_the_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wait_for_a_time_is_not_ended_by_changes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_signal_ends_it_for_good, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
