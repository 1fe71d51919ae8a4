/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_wait: waits for a time, for something new in the queue, or to be told to end.
 *
 * While a watch is open SIGTERM, SIGINT and SIGHUP do not end the process: they are
 * taken as the wish that it end after the message under way.
 */
#ifndef RUNNER_WAIT_H
#define RUNNER_WAIT_H

#include "base/error.h"

#include <signal.h>
#include <stdint.h>

struct queue_wait {
	int notify; /* inotify; -1: it is not to be had, and the queue is looked at now and then */
	int timer, signals;
	sigset_t before;
	bool stopped;
};

/* folder: the queue's.  What changes from now on ends queue_wait_until(). */
bool queue_wait_open(struct queue_wait *watch, const char *folder, struct error *err) MUST_CHECK;
void queue_wait_close(struct queue_wait *watch);
/* Until that time by the wall clock (milliseconds since 1970), wherever the clock is set meanwhile; if wakes, at most
 * until the queue changes.  False: the process is to end. */
bool queue_wait_until(struct queue_wait *watch, int64_t until_ms, bool wakes);
/* The process is to end; never waits. */
bool queue_wait_stopped(struct queue_wait *watch);

#endif
