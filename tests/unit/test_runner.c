/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner.h"

#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../lib/test_runtime.h"

static struct runtime runtime;

/* ---- what an account's settings are for the queue's runs --------------------- */

/* The route of a message that was submitted with these settings; it lives as long as the runner. */
static const struct route *route_of(struct runner *runner, const char *const *settings)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	item.mail.sender.given = xstrdup("me@example.org");
	strvec_push(&item.settings, "host mail.example.org");
	for (; *settings; settings++)
		strvec_push(&item.settings, *settings);
	return runner->ops.route(&runner->ops, &item);
}

#define SETTINGS 4

/* The configuration counts in milliseconds throughout, the schedule in seconds. */
static void times_keep_their_units(void **state)
{
	(void)state;
	static const struct {
		const char *settings[SETTINGS];
		int64_t min_interval, first_retry, lifetime;
	} rows[] = {
		{{NULL}, 0, 60, 5 * 24 * 3600},
		{{"min_interval 6s", NULL}, 6000, 60, 5 * 24 * 3600},
		{{"min_interval 2m", NULL}, 120000, 60, 5 * 24 * 3600},
		{{"min_interval off", NULL}, 0, 60, 5 * 24 * 3600},
		{{"queue_retry 10s 5m", "queue_lifetime 2h", NULL}, 0, 10, 7200},
	};
	runtime = test_runtime();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct runner runner;
		runner_init(&runner, NULL, &runtime, NULL, false);
		const struct route *route = route_of(&runner, rows[i].settings);
		if (route->broken.status.kind != ERROR_NONE)
			fail_msg("row %zu: %s", i, route->broken.status.text);
		assert_int_equal(route->min_interval, rows[i].min_interval);
		assert_int_equal(route->policy.retry.schedule[0], rows[i].first_retry);
		assert_int_equal(route->policy.retry.lifetime, rows[i].lifetime);
		runner_release(&runner);
	}
}

/* ---- a route and its configuration ------------------------------------------- */

static void write_config(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static struct route *route_now(struct runner *runner, const struct queue_item *item)
{
	runner->ops.refresh(&runner->ops);
	return runner->ops.route(&runner->ops, item);
}

/* The record stays, whatever the file says; what was learned from attempts is that of the server. */
static void a_route_follows_its_configuration(void **state)
{
	(void)state;
	char path[] = "/tmp/posthaste-route-XXXXXX";
	AUTO_FD int fd = mkstemp(path);
	assert_true(fd >= 0);
	AUTO(queue_item) item = QUEUE_ITEM_INIT, other = QUEUE_ITEM_INIT;
	struct runner runner;
	item.mail.sender.given = xstrdup("me@example.org");
	item.account = xstrdup("work");
	item.config_file = xstrdup(path);
	other.mail.sender.given = xstrdup("me@example.org");
	other.account = xstrdup("home");
	other.config_file = xstrdup(path);
	runner_init(&runner, NULL, &runtime, NULL, NULL);

	write_config(path, "account work\nhost mail.example.org\nport 25\n");
	struct route *route = route_now(&runner, &item);
	assert_int_equal(route->broken.status.kind, ERROR_NONE);
	AUTO_FREE char *before = xstrdup(route->fingerprint);
	route->backoff.failures = 3;
	assert_ptr_equal(route_now(&runner, &item), route);
	assert_string_equal(route->fingerprint, before);
	assert_ptr_not_equal(route_now(&runner, &other), route);

	write_config(path, "account work\nhost mail.example.org\nport 25\nmin_interval 7s\n");
	assert_ptr_equal(route_now(&runner, &item), route);
	assert_string_not_equal(route->fingerprint, before);
	assert_int_equal(route->min_interval, 7000);
	assert_int_equal(route->backoff.failures, 3);

	write_config(path, "account work\nhost mail.example.org\nport 26\n");
	assert_ptr_equal(route_now(&runner, &item), route);
	assert_int_equal(route->min_interval, 0);
	assert_int_equal(route->backoff.failures, 0);

	write_config(path, "account play\nhost mail.example.org\nport 26\n");
	assert_ptr_equal(route_now(&runner, &item), route);
	assert_int_equal(route->broken.status.kind, ERROR_CONFIG);
	assert_non_null(strstr(route->broken.status.text, "work"));

	write_config(path, "account work\nhost mail.example.org\n");
	assert_ptr_equal(route_now(&runner, &item), route);
	assert_int_equal(route->broken.status.kind, ERROR_NONE);
	runner_release(&runner);
	assert_int_equal(unlink(path), 0);
}

/* ---- a password that no file shows -------------------------------------------------- */

struct set_clock {
	struct clock clock;
	int64_t wall_ms;
};

static int64_t set_wall_ms(const struct clock *clock)
{
	return ((const struct set_clock *)(const void *)clock)->wall_ms;
}

/* What a command or the keyring provides is looked at every 15 minutes while something is held. */
static void another_password_is_noticed_at_the_next_look(void **state)
{
	(void)state;
	static const struct {
		const char *before, *after;
		int64_t later_ms;
		bool noticed;
	} rows[] = {
		{"wrong", "right", 900000, true},  {"wrong", "right", 899000, false}, {"wrong", "wrong", 900000, false},
		{"wrong", "", 900000, true},	   {"", "right", 900000, true},	      {"", "", 900000, false},
		{"wrong", "right", -900000, true}, /* the clock was set back */
	};
	char folder[] = "/tmp/test_runner.XXXXXX";
	assert_non_null(mkdtemp(folder));
	AUTO_FREE char *file = xasprintf("%s/password", folder);
	AUTO_FREE char *command = xasprintf("passwordeval cat %s", file);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct runner runner;
		struct queue_wait watch;
		struct set_clock clock;
		runtime = test_runtime();
		clock = (struct set_clock){*runtime.clock, 1795262400000};
		clock.clock.wall_ms = set_wall_ms;
		runtime.clock = &clock.clock;
		assert_true(queue_wait_open(&watch, folder, runtime.clock, NULL));
		runner_init(&runner, NULL, &runtime, &watch, NULL);
		write_config(file, rows[i].before);
		struct route *route = (struct route *)(uintptr_t)route_of(
			&runner, (const char *const[]){"user joe", "auth plain", "keyring off", command, NULL});
		AUTO_FREE char *fingerprint = xstrdup(route->fingerprint);
		assert_true(runner.ops.watch(&runner.ops, route));
		write_config(file, rows[i].after);
		clock.wall_ms += rows[i].later_ms;
		runner.ops.refresh(&runner.ops);
		assert_int_equal(route->is_read, !rows[i].noticed);
		assert_ptr_equal(route_of(&runner, (const char *const[]){"user joe", "auth plain", "keyring off",
									 command, NULL}),
				 route);
		assert_int_equal(strcmp(fingerprint, route->fingerprint) != 0, rows[i].noticed);
		runner.ops.refresh(&runner.ops); /* noticed once */
		assert_true(route->is_read);
		runner_release(&runner);
		queue_wait_close(&watch);
	}
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_keep_their_units),
		cmocka_unit_test(a_route_follows_its_configuration),
		cmocka_unit_test(another_password_is_noticed_at_the_next_look),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
