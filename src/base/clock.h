/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock: time and random numbers, both replaceable by tests.
 *
 * Monotonic milliseconds count from an arbitrary start and never go back;
 * deadlines are absolute points on that scale, DEADLINE_NEVER means none.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

typedef int64_t msec_t;
#define DEADLINE_NEVER INT64_MAX

struct clock {
	msec_t (*monotonic)(const struct clock *clock);
	int64_t (*wall_ms)(const struct clock *clock); /* since 1970 */
};

extern const struct clock clock_system;

msec_t clock_monotonic(const struct clock *clock);
/* Seconds and milliseconds since 1970 by the same clock. */
time_t clock_wall(const struct clock *clock);
int64_t clock_wall_ms(const struct clock *clock);
/* The earlier of two deadlines. */
msec_t deadline_min(msec_t a, msec_t b);
/* now + ms, saturating; ms < 0 means never. */
msec_t deadline_in(const struct clock *clock, msec_t ms);
/* Milliseconds left for poll(2): -1 for never, 0 when passed. */
int deadline_poll_ms(const struct clock *clock, msec_t deadline);

/* Fills with random bytes that cannot be guessed (getentropy). */
struct rng {
	void (*fill)(const struct rng *rng, void *p, size_t len);
};
extern const struct rng rng_system;

#endif
