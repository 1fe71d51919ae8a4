/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runner: what the queue's runs need from the rest of the program: settings
 * by the configuration as it is now, connections, reports, waiting.
 */
#ifndef RUNNER_RUNNER_H
#define RUNNER_RUNNER_H

#include "runner/attempt.h"
#include "runner/retry_policy.h"
#include "runner/wait.h"

struct runner_way {
	struct route *queued;
	struct schedule_route route;	    /* its key is ours */
	struct account_retry_policy policy; /* the route's lies in here */
};

struct runner {
	struct schedule_ops ops; /* first */
	struct spool *spool;
	const struct runtime *runtime;
	struct queue_wait *watch;
	attempt_show_fn *show; /* NULL: in the background */
	struct runner_way **ways;
	size_t n, cap;
	struct transport *transport;
	const struct runner_way *transport_way;
};

/* What is given must outlive it. */
void runner_init(struct runner *worker, struct spool *spool, const struct runtime *runtime, struct queue_wait *watch,
		 attempt_show_fn *show);
void runner_release(struct runner *worker);

#endif
