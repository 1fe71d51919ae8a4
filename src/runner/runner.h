/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runner: implements the functions that schedule (runner/schedule.h) needs: routes from the present configuration,
 * connections, reports, and waiting.
 */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include "runner/attempt.h"
#include "runner/wait.h"

struct runner {
	struct schedule_ops ops; /* first */
	struct spool *spool;
	const struct runtime *runtime;
	struct queue_wait *watch;
	attempt_show_fn *show; /* NULL: in the background */
	struct route **routes;
	size_t n, cap;
	struct transport *transport; /* of this route: */
	const struct route *connected;
};

/* All arguments must outlive it. */
void runner_init(struct runner *runner, struct spool *spool, const struct runtime *runtime, struct queue_wait *watch,
		 attempt_show_fn *show);
void runner_release(struct runner *runner);

#endif
