/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runner: implements the functions that schedule (runner/schedule.h) needs: routes from the present configuration,
 * connections, reports, and waiting.
 */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include "runner/attempt.h"
#include "runner/wait.h"

/* A message has left the queue without having reached all of its recipients. */
typedef void runner_gave_up_fn(void *arg, const struct queue_item *item);

struct runner {
	struct schedule_ops ops; /* first */
	struct spool *spool;
	const struct runtime *runtime;
	struct queue_wait *watch;
	attempt_show_fn *show;	    /* NULL: in the background */
	runner_gave_up_fn *gave_up; /* NULL: nothing is to be called */
	void *gave_up_arg;
	struct route **routes;
	size_t n, cap;
	struct transport *transport; /* of this route: */
	const struct route *connected;
};

/* All arguments must outlive it; gave_up is NULL. */
void runner_init(struct runner *runner, struct spool *spool, const struct runtime *runtime, struct queue_wait *watch,
		 attempt_show_fn *show);
void runner_release(struct runner *runner);

#endif
