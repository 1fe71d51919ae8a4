/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * background: runs a call that blocks and cannot be cancelled, with a deadline.
 *
 * The call runs in a thread of its own.  If the deadline passes first, the thread keeps running, so it may use only
 * memory that the job owns, never memory of the caller.
 */
#ifndef NET_BACKGROUND_H
#define NET_BACKGROUND_H

#include "base/clock.h"
#include "base/error.h"

struct background_job {
	void (*work)(struct background_job *job); /* runs in the thread */
	void (*free)(struct background_job *job); /* called once, by the last of caller and thread to leave */
};

enum background_result { BACKGROUND_DONE, BACKGROUND_LATE, BACKGROUND_FAILED };

/* BACKGROUND_DONE: work() has returned; the caller may read the job until it calls background_leave().
 * BACKGROUND_LATE: the deadline passed first; the thread still uses the job, and the caller must not touch it.
 * BACKGROUND_FAILED: no thread could be started; err is ERROR_SYSTEM. */
struct background;
enum background_result background_run(struct background_job *job, const struct clock *clock, msec_t deadline,
				      struct background **held, struct error *err) MUST_CHECK;
/* Ends the caller's use of the job.  Must be called after every result. */
void background_leave(struct background *held);

#endif
