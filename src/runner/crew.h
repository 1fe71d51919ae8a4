/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crew: several child processes work through one list of jobs, each over a connection of its own.
 *
 *	struct crew_task task = {.workers = 4, .jobs = n, .work = send_one, .take = note_record, .crashed = note_crash};
 *	size_t undone = crew_run(&task);	// in the parent: all have ended
 *
 * Jobs are numbered from 0 and handed out in that order, one at a time: a worker takes the first that is free.  What
 * the parent is to know a worker sends as records, which the parent takes in the order of each worker while it waits.
 * A worker that ends otherwise than by having done its work has crashed: the job at hand is lost, the parent is told,
 * and another worker takes its place.
 *
 * The jobs and everything else are the parent's memory as it was at the start.  The parent must have no lock, no
 * connection and no buffered output that a child must not have, too (begin() can end what is inherited).
 */
#ifndef RUNNER_CREW_H
#define RUNNER_CREW_H

#include "base/strbuf.h"

#include <signal.h>

#define CREW_MAX 100 /* workers */

/* One process of a crew, in that process. */
struct crew_worker;

struct crew_task {
	unsigned workers; /* so many at most, and no more than there are jobs */
	size_t jobs;
	bool *done; /* for each job: becomes true if it was handed out; or NULL */
	void *arg;  /* of the following */
	/* In a new worker, before its first job; NULL: nothing. */
	void (*begin)(void *arg, struct crew_worker *worker);
	/* Does one job.  False: this worker ends. */
	bool (*work)(void *arg, struct crew_worker *worker, size_t job);
	/* In the worker, after its last job; NULL: nothing. */
	void (*end)(void *arg);
	/* In the parent: a record that a worker has sent. */
	void (*take)(void *arg, struct span record);
	/* In the parent: a worker crashed with that job at hand; ended is what waitpid() says. */
	void (*crashed)(void *arg, size_t job, int ended);
	/* In the parent: no further jobs are to be handed out; asked when stop_fd becomes readable. */
	bool (*stopped)(void *arg);
	int stop_fd; /* -1: none */
};

/*
 * Returns when all workers have ended: how many jobs were not handed out, because crew_stop() was called, stopped() was
 * true, or no worker was left when one was given back.  If no process can be made, all of them, and done is not set.
 */
size_t crew_run(const struct crew_task *task);

/* ---- in a worker ---- */

/* Sends a record to the parent. */
void crew_send(struct crew_worker *worker, struct span record);
/* This worker is to end after its job.  give_back: another one is to do that job.  False: this is the only one that is
 * left, and goes on.  In end(): always true. */
bool crew_leave(struct crew_worker *worker, bool give_back);
/* After crew_leave(): another worker is to do this job, too, which this one had taken.  It can be taken when work() or
 * end() has returned. */
void crew_give_back(struct crew_worker *worker, size_t job);
/* From now on one worker is enough: the others end after the job at hand. */
void crew_shrink(struct crew_worker *worker);
/* No further jobs are handed out, to any worker. */
void crew_stop(struct crew_worker *worker);

#endif
