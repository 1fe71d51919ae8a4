/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runner_spawn: starts the one process per user that works through the queue in the background.
 *
 * A process that has queued a message calls runner_spawn() after spool_enqueue().  No message is missed: a runner
 * watches the queue's folders, and one that ends releases its lock first and then looks at the queue once more.  So
 * either the lock is free and a runner is started here, or its holder finds the message.
 */
#ifndef RUNNER_SPAWN_H
#define RUNNER_SPAWN_H

#include "base/runtime.h"

/*
 * Starts a runner in the background, in a session of its own, with no descriptor of ours and of our environment only
 * what it needs, unless one is running:
 * then it costs two system calls.  Does not wait until the runner has finished.  False if a runner is needed and cannot
 * be started: the message is queued nevertheless, and the next call may succeed.  A set-user-ID or set-group-ID process
 * starts nothing: ERROR_CONFIG.
 */
bool runner_spawn(const struct runtime *runtime, struct error *err) MUST_CHECK;

#endif
