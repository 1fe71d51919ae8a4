/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

#include "base/cleanup.h"

#include <limits.h>
#include <string.h>

static msec_t at_thousand(const struct clock *clock)
{
	(void)clock;
	return 1000;
}

static int64_t at_noon(const struct clock *clock)
{
	(void)clock;
	return 43200999;
}

static const struct clock still = {at_thousand, at_noon};

static void a_replaced_clock_is_asked(void **state)
{
	(void)state;
	assert_int_equal(clock_monotonic(&still), 1000);
	assert_int_equal(clock_wall(&still), 43200);
	assert_int_equal(clock_wall_ms(&still), 43200999);
}

static void deadlines_saturate(void **state)
{
	(void)state;
	static const struct {
		msec_t in, deadline;
	} rows[] = {
		{0, 1000},
		{1, 1001},
		{-1, DEADLINE_NEVER},
		{INT64_MIN, DEADLINE_NEVER},
		{INT64_MAX, DEADLINE_NEVER},
		{INT64_MAX - 1000, DEADLINE_NEVER},
		{INT64_MAX - 1001, INT64_MAX - 1},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_true(deadline_in(&still, rows[i].in) == rows[i].deadline);
	assert_true(deadline_min(DEADLINE_NEVER, 5) == 5);
	assert_true(deadline_min(-5, 5) == -5);
}

static void poll_gets_what_is_left(void **state)
{
	(void)state;
	static const struct {
		msec_t deadline;
		int left;
	} rows[] = {
		{DEADLINE_NEVER, -1},
		{1000, 0},
		{999, 0},
		{0, 0},
		{1001, 1},
		{1000 + (msec_t)INT_MAX, INT_MAX},
		{1001 + (msec_t)INT_MAX, INT_MAX},
		{INT64_MAX - 1, INT_MAX},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(deadline_poll_ms(&still, rows[i].deadline), rows[i].left);
}

static void the_system_clock_never_goes_back(void **state)
{
	(void)state;
	msec_t before = clock_monotonic(&clock_system);
	for (int i = 0; i < 1000; i++) {
		msec_t now = clock_monotonic(&clock_system);
		assert_true(now >= before);
		before = now;
	}
	assert_true(clock_wall(&clock_system) > 1600000000);
}

static void chance_fills_every_octet_and_no_more(void **state)
{
	(void)state;
	unsigned char a[600], seen[600] = {0};
	for (int round = 0; round < 8; round++) { /* an octet stays 0 with a chance of 2^-64 */
		memset(a, 0, sizeof(a));
		rng_system.fill(&rng_system, a, sizeof(a) - 1);
		for (size_t i = 0; i < sizeof(a); i++)
			seen[i] |= a[i];
	}
	for (size_t i = 0; i + 1 < sizeof(a); i++)
		assert_int_not_equal(seen[i], 0);
	assert_int_equal(seen[sizeof(a) - 1], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_replaced_clock_is_asked),
		cmocka_unit_test(deadlines_saturate),
		cmocka_unit_test(poll_gets_what_is_left),
		cmocka_unit_test(the_system_clock_never_goes_back),
		cmocka_unit_test(chance_fills_every_octet_and_no_more),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
