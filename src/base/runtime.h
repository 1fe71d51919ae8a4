/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runtime: what a process has from its surroundings.  main.c builds the one of
 * the program; tests put their own clock, random numbers and input in it.
 */
#ifndef BASE_RUNTIME_H
#define BASE_RUNTIME_H

#include "base/clock.h"
#include "base/error.h"

struct runtime {
	char *const *environ_;
	const struct clock *clock;
	const struct rng *rng;
	int input;		    /* descriptor of the message */
	const char *keyring_helper; /* path of the program that asks the keyring, or NULL */
	/* A problem the user should hear of although the work goes on; NULL: not shown to anyone. */
	void (*problem)(const struct runtime *runtime, const struct error *err);
};

static inline void runtime_problem(const struct runtime *runtime, const struct error *err)
{
	if (runtime->problem)
		runtime->problem(runtime, err);
}

#endif
