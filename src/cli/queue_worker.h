/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_worker: what the queue's runs need from the rest of the program: settings
 * by the configuration as it is now, connections, reports, waiting.
 */
#ifndef CLI_QUEUE_WORKER_H
#define CLI_QUEUE_WORKER_H

#include "cli/queue_attempt.h"
#include "cli/queue_policy.h"
#include "cli/queue_watch.h"

struct queue_way {
	struct queued *queued;
	struct run_route route;	    /* its key is ours */
	struct queue_policy policy; /* the route's lies in here */
};

struct queue_worker {
	struct run_ops ops; /* first */
	struct spool *spool;
	const struct surroundings *around;
	struct queue_watch *watch;
	bool foreground;
	char *state_home;
	struct queue_way **ways;
	size_t n, cap;
	struct courier *courier;
	const struct queue_way *courier_way;
};

/* What is given must outlive it. */
void queue_worker_init(struct queue_worker *worker, struct spool *spool, const struct surroundings *around,
		       struct queue_watch *watch, bool foreground);
void queue_worker_release(struct queue_worker *worker);

#endif
