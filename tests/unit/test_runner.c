/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner.h"

#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include "../lib/test_runtime.h"

static struct runtime runtime;

/* ---- what an account's settings are for the queue's runs --------------------- */

/* The route of a message that was submitted with these settings; it lives as long as the worker. */
static const struct schedule_route *route_of(struct runner *worker, const char *const *settings)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	item.sender.given = xstrdup("me@example.org");
	strvec_push(&item.settings, "host mail.example.org");
	for (; *settings; settings++)
		strvec_push(&item.settings, *settings);
	return worker->ops.route(&worker->ops, &item);
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
		struct runner worker;
		runner_init(&worker, NULL, &runtime, NULL, false);
		const struct schedule_route *route = route_of(&worker, rows[i].settings);
		if (route->broken)
			fail_msg("row %zu: %s", i, route->broken->status.text);
		assert_int_equal(route->min_interval, rows[i].min_interval);
		assert_int_equal(route->policy.schedule[0], rows[i].first_retry);
		assert_int_equal(route->policy.lifetime, rows[i].lifetime);
		runner_release(&worker);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_keep_their_units),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
