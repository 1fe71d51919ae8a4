/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_wait: waits for a time, for a change in the queue, or for a signal that ends the process.
 *
 * While it is open, SIGTERM, SIGINT and SIGHUP do not end the process at once: they ask it to end after the message
 * that is being sent.
 */
#ifndef RUNNER_WAIT_H
#define RUNNER_WAIT_H

#include "base/error.h"
#include "base/strvec.h"

#include <signal.h>
#include <stdint.h>

struct queue_wait {
	int notify;	     /* inotify; -1: not available, the queue is read from time to time */
	int files;	     /* inotify, of files besides; -1: none are watched */
	struct strvec names; /* "WD NAME": which files, by watch and name */
	int timer, signals;
	sigset_t before;
	bool stopped;
};

/* folder: the queue's.  What changes from now on ends queue_wait_until(). */
bool queue_wait_open(struct queue_wait *watch, const char *folder, struct error *err) MUST_CHECK;
void queue_wait_close(struct queue_wait *watch);
/*
 * A change of this file (an absolute path; it need not exist) ends queue_wait_until(), too, if wakes is true: when it
 * is replaced, has been written, or appears.  Where inotify is not available nothing is watched.
 */
void queue_wait_watch(struct queue_wait *watch, const char *path);
/* Waits until that time by the wall clock (milliseconds since 1970), even if the clock is set meanwhile; if wakes is
 * true, at most until the queue or a watched file changes.  False: the process is to end. */
bool queue_wait_until(struct queue_wait *watch, int64_t until_ms, bool wakes);
/* True if the process is to end; never waits. */
bool queue_wait_stopped(struct queue_wait *watch);

#endif
