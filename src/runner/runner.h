/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runner: implements the functions that schedule (runner/schedule.h) needs: routes from the present configuration,
 * connections, reports, and waiting.
 */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include "runner/attempt.h"
#include "runner/wait.h"

/* What is shown to the user at the end, collected in a process: a worker's is sent to its parent. */
struct runner_errors {
	char *(*take)(void); /* malloc'ed, and empty from now on; NULL: nothing is collected */
	void (*add)(struct span text);
};

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
	const struct runner_errors *errors; /* NULL: nothing is collected */
	int lock;			    /* of the background runner; -1: none */
	struct crew_worker *worker;	    /* this process is one of a crew; or NULL */
	struct route **routes;
	size_t n, cap;
	struct transport *transport; /* of this route: */
	const struct route *connected;
};

/* All arguments must outlive it; gave_up and errors are NULL. */
void runner_init(struct runner *runner, struct spool *spool, const struct runtime *runtime, struct queue_wait *watch,
		 attempt_show_fn *show);
void runner_release(struct runner *runner);

#endif
