/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * background: a call that blocks and cannot be cancelled, with a deadline.
 *
 * It runs in a thread of its own.  When the deadline passes first, the thread
 * is left behind, so what it works on must be its own: nothing of the
 * caller's, only the job.
 */
#ifndef NET_BACKGROUND_H
#define NET_BACKGROUND_H

#include "base/clock.h"
#include "base/error.h"

struct background_job {
	void (*work)(struct background_job *job); /* in the thread */
	void (*free)(struct background_job *job); /* called once, by whoever leaves last */
};

enum background_result { BACKGROUND_DONE, BACKGROUND_LATE, BACKGROUND_FAILED };

/* DONE: work() has returned, and the caller looks at the job before background_leave(). LATE: the deadline has
 * passed; the job is the thread's.  FAILED: no thread, ERROR_SYSTEM. */
struct background;
enum background_result background_run(struct background_job *job, const struct clock *clock, msec_t deadline,
				      struct background **held, struct error *err) MUST_CHECK;
/* Ends the caller's hold on the job; after every result. */
void background_leave(struct background *held);

#endif
