/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_wait: waits for a time, for a change in the queue, or for a signal that ends the process.
 *
 * While it is open, SIGTERM, SIGINT and SIGHUP do not end the process at once: they ask it to end after the message
 * that is being sent.
 */
#ifndef RUNNER_WAIT_H
#define RUNNER_WAIT_H

#include "base/clock.h"
#include "base/error.h"
#include "base/signal_watch.h"
#include "runner/changes.h"

#include <stdint.h>

struct queue_wait {
	struct changes changes;
	struct signal_watch signals;
	int timer; /* timerfd(2); -1: there is none, and the clock is read from time to time */
	const struct clock *clock;
	bool stopped;
};

/* folder: the queue's.  What changes from now on ends queue_wait_until(). */
bool queue_wait_open(struct queue_wait *watch, const char *folder, const struct clock *clock,
		     struct error *err) MUST_CHECK;
void queue_wait_close(struct queue_wait *watch);
/* In a process made by fork(), which goes on waiting by itself. */
void queue_wait_renew(struct queue_wait *watch);
/* A change of this file (an absolute path; it need not exist) ends queue_wait_until(), too, if wakes is true. */
void queue_wait_watch(struct queue_wait *watch, const char *path);
/* Waits until that time by the wall clock (milliseconds since 1970), even if the clock is set meanwhile; if wakes is
 * true, at most until the queue or a watched file changes.  False: the process is to end. */
bool queue_wait_until(struct queue_wait *watch, int64_t until_ms, bool wakes);
/* True if the process is to end; never waits. */
bool queue_wait_stopped(struct queue_wait *watch);

#endif
