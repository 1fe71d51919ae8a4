/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crash: what is stored and reported after a process that sent messages of the queue has crashed. */
#ifndef RUNNER_CRASH_H
#define RUNNER_CRASH_H

#include "queue/spool.h"

/*
 * The process ended (as waitpid() says) while it worked on the message id; "": on none.  Stores that the attempt
 * failed, and reports the crash as a problem.  recovers: the message is left for the next process to recover, unless
 * that cannot be done because it crashed before (then it is false).  False: there was no such message, or that could
 * not be stored.
 */
bool crash_note(struct spool *spool, const struct runtime *runtime, const char *id, bool recovers, int ended);

#endif
