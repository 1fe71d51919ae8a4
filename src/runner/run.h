/* SPDX-License-Identifier: GPL-3.0-or-later */
/* run: runs the queue of the user, in the foreground (-q) or in the background. */
#ifndef RUNNER_RUN_H
#define RUNNER_RUN_H

#include "runner/runner.h"
#include "runner/supervisor.h"

struct runner_task {
	struct schedule_filter filter;
	int64_t interval_ms;	    /* time after which it is repeated, until a signal ends it; 0: once */
	attempt_show_fn *show;	    /* with an interval nothing is shown ... */
	runner_gave_up_fn *gave_up; /* ... and this is not called; NULL: never */
	void *gave_up_arg;
	const struct runner_errors *errors; /* NULL: no errors are collected */
	const struct supervisor *supervisor;
};

/* Sends what the filter chooses.  False if the queue itself cannot be used. */
bool runner_in_foreground(struct spool *spool, const struct runtime *runtime, const struct runner_task *task,
			  struct schedule_tally *tally, struct error *err) MUST_CHECK;
/* Sends each message when it is due, until none is left.  Ends at once if another runner has the lock. */
bool runner_in_background(struct spool *spool, const struct runtime *runtime, const struct supervisor *supervisor,
			  struct error *err) MUST_CHECK;

#endif
