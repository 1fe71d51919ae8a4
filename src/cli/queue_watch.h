/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_watch: waits for a time, for something new in the queue, or to be told to end.
 *
 * While a watch is open SIGTERM, SIGINT and SIGHUP do not end the process: they are
 * taken as the wish that it end after the message under way.
 */
#ifndef CLI_QUEUE_WATCH_H
#define CLI_QUEUE_WATCH_H

#include "base/error.h"

#include <signal.h>
#include <stdint.h>

struct queue_watch {
	int notify; /* inotify; -1: it is not to be had, and the queue is looked at now and then */
	int timer, signals;
	sigset_t before;
	bool stopped;
};

/* folder: the queue's.  What changes from now on ends queue_watch_wait(). */
bool queue_watch_open(struct queue_watch *watch, const char *folder, struct error *err) MUST_CHECK;
void queue_watch_close(struct queue_watch *watch);
/* Until that time by the wall clock (milliseconds since 1970), wherever the clock is set meanwhile; if wakes, at most
 * until the queue changes.  False: the process is to end. */
bool queue_watch_wait(struct queue_watch *watch, int64_t until_ms, bool wakes);
/* The process is to end; never waits. */
bool queue_watch_stopped(struct queue_watch *watch);

#endif
