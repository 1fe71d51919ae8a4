/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * supervisor: lets a child process work through the queue, so that a crash costs one message one attempt and not the
 * others their turn.
 *
 *	struct supervisor s;
 *	int status;
 *	if (!supervisor_fork(&s, spool, runtime, &status))
 *		exit(status);			// the child has done it all
 *	work(&s, spool);			// writes the ID of the message at hand into s.shared->id
 *	supervisor_finish(&s);
 *
 * A child that ends without being finished, by a signal or for want of memory, has crashed: the attempt with the
 * message at hand is stored as failed, that is reported as a problem, and a new child goes on.  A crash without a
 * message at hand ends the work.
 */
#ifndef RUNNER_SUPERVISOR_H
#define RUNNER_SUPERVISOR_H

#include "queue/spool.h"

struct supervisor_shared {
	char id[SPOOL_ID_LEN + 1]; /* of the message at hand; "": none */
	bool finished;
};

struct supervisor {
	struct supervisor_shared *shared; /* with the child; NULL in a process that has no supervisor */
	char last[SPOOL_ID_LEN + 1];	  /* the message that crashed last */
	bool finished;			  /* supervisor_fork() was false: the child has done all that it was to do */
	int64_t since; /* of a child that goes on after a crash: what was tried since then had its turn; else 0 */
};

/*
 * True: this is the process that is to work, a child that dies with its parent (or this process itself, where none can
 * be made).  False: it has ended, and *status is its exit status, EX_TEMPFAIL if 0 after a crash.  SIGTERM, SIGINT and
 * SIGHUP are passed on to it.
 */
bool supervisor_fork(struct supervisor *s, struct spool *spool, const struct runtime *runtime, int *status);
/* In the process that has worked: all is done. */
void supervisor_finish(struct supervisor *s);

#endif
