/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define RANDOM_MAX 256 /* what getentropy() gives at once */

static msec_t system_monotonic(const struct clock *clock)
{
	(void)clock;
	struct timespec ts;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts); /* cannot fail: every system has it */
	return (msec_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t system_wall_ms(const struct clock *clock)
{
	(void)clock;
	struct timespec ts;
	(void)clock_gettime(CLOCK_REALTIME, &ts); /* cannot fail: every system has it */
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

const struct clock clock_system = {system_monotonic, system_wall_ms};

msec_t clock_monotonic(const struct clock *clock)
{
	return clock->monotonic(clock);
}

time_t clock_wall(const struct clock *clock)
{
	return (time_t)(clock->wall_ms(clock) / 1000);
}

int64_t clock_wall_ms(const struct clock *clock)
{
	return clock->wall_ms(clock);
}

msec_t deadline_min(msec_t a, msec_t b)
{
	return a < b ? a : b;
}

msec_t deadline_in(const struct clock *clock, msec_t ms)
{
	msec_t now = clock_monotonic(clock);
	return ms < 0 || ms > DEADLINE_NEVER - now ? DEADLINE_NEVER : now + ms;
}

int deadline_poll_ms(const struct clock *clock, msec_t deadline)
{
	if (deadline == DEADLINE_NEVER)
		return -1;
	msec_t left = deadline - clock_monotonic(clock);
	return left <= 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static void system_fill(const struct rng *rng, void *p, size_t len)
{
	(void)rng;
	char *at = p;
	while (len) {
		size_t n = len < RANDOM_MAX ? len : RANDOM_MAX;
		if (getentropy(at, n) < 0)
			abort(); /* no kernel we run on lacks it */
		at += n;
		len -= n;
	}
}

const struct rng rng_system = {system_fill};
