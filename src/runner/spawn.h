/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runner_spawn: the one process per user that works through the queue in the
 * background.
 *
 * Whoever keeps a message calls runner_spawn() after spool_enqueue().  No wake-up is lost: a
 * runner watches the queue's folders, and one that ends lets go of its lock first and then looks
 * once more.  So either the lock is free, and a runner is started here, or its holder finds the
 * message.
 */
#ifndef RUNNER_SPAWN_H
#define RUNNER_SPAWN_H

#include "submit/submission.h"

/*
 * Starts a runner in the background, of a session of its own and with nothing of ours open,
 * unless one is at work: then it costs two system calls.  Returns without waiting for what it does.
 * False only if there should be one and cannot be: the message is kept nevertheless, and the next
 * call may do better.  With more rights than the caller has nothing is started: ERROR_CONFIG.
 */
bool runner_spawn(const struct runtime *runtime, struct error *err) MUST_CHECK;

/* For the runner itself.  folder: the queue's.  1: *fd holds the lock until it is closed or this process ends;
 * 0: another runner has it; -1. */
int runner_lock(const char *folder, int *fd, struct error *err) MUST_CHECK;

#endif
