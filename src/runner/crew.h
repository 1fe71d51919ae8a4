/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crew: several child processes work through one list of jobs, each over a connection of its own.
 *
 *	struct crew_task task = {.workers = 4, .jobs = n, .work = send_one, .take = note_record, .crashed = note_crash};
 *	size_t undone = crew_run(&task);	// in the parent: all have ended
 *
 * Jobs are numbered from 0 and handed out in that order: a worker takes the first that is free.  It may take further
 * ones before the first is over, if the task allows several at hand.  What the parent is to know a worker sends as
 * records, which the parent takes in the order of each worker while it waits.  A worker that ends otherwise than by
 * having done its work has crashed: the jobs at hand are lost, crashed() is called for each, and another worker takes
 * its place.
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
	size_t at_hand; /* so many jobs at most are at hand in each worker; 0 is as 1 */
	bool *done;	/* for each job: becomes true if it was handed out; or NULL */
	void *arg;	/* of the following */
	/* In a new worker, before its first job; NULL: nothing. */
	void (*begin)(void *arg, struct crew_worker *worker);
	/* Begins a job, which is at hand until crew_done() or crew_give_back() is called for it, here or later.  False:
	 * this worker takes no further ones. */
	bool (*work)(void *arg, struct crew_worker *worker, size_t job);
	/* Completes all jobs at hand; called when no further one can be begun.  NULL: work() leaves none at hand. */
	void (*settle)(void *arg, struct crew_worker *worker);
	/* In the worker, after its last job; NULL: nothing. */
	void (*end)(void *arg);
	/* In the parent: a record that a worker has sent. */
	void (*take)(void *arg, struct span record);
	/* In the parent: a worker crashed with that job at hand, perhaps one of several; ended is what waitpid() says.
	 */
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
/* The job at hand is over. */
void crew_done(struct crew_worker *worker, size_t job);
/* Nothing was done of the job at hand, and some worker is to do it, perhaps this one. */
void crew_give_back(struct crew_worker *worker, size_t job);
/* This worker is to end after its jobs at hand.  False: this is the only one that is left, and goes on.  In end():
 * always true. */
bool crew_leave(struct crew_worker *worker);
/* The same, even if none is left: what it gives back stays undone. */
void crew_quit(struct crew_worker *worker);
/* The server takes messages over this worker's connection: if fewer workers are wanted, it is not the first to go. */
void crew_proven(struct crew_worker *worker);
/* From now on one worker is enough: the others end after the job at hand. */
void crew_shrink(struct crew_worker *worker);
/* No further jobs are handed out, to any worker. */
void crew_stop(struct crew_worker *worker);

#endif
