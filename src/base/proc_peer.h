/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proc_peer: a child program to talk to, whose standard input and output are one socket; the other end is ours, to be
 * closed before proc_peer_end().
 *
 * It gets what any child gets (base/proc_start.h), in a process group of its own, which is killed at the end.  Where
 * this process has the terminal, it stays in our group instead, so that it can ask there (a passphrase, a host key) and
 * the keyboard's signals reach both.  What it writes to standard error is kept for proc_peer_explain() if the runtime
 * says so, else it shares ours.
 */
#ifndef BASE_PROC_PEER_H
#define BASE_PROC_PEER_H

#include "base/runtime.h"

/* So long a child may take to end after its socket was closed, in milliseconds. */
#define PROC_PEER_GRACE_MS 1000

struct proc_peer;
/* *fd is our end: non-blocking, close-on-exec, the caller's.  NULL with ERROR_CONNECT if it cannot be started. */
struct proc_peer *proc_peer_start(const char *const *argv, const struct runtime *runtime, int *fd, struct error *err);
/*
 * It has closed its end: waits for its own, PROC_PEER_GRACE_MS at most.  True with err, of this kind, if it was a
 * failure: how it ended, and the last line that it wrote to standard error.
 */
bool proc_peer_explain(struct proc_peer *peer, enum error_kind kind, struct error *err);
/* Waits for its end as long, then kills it. */
void proc_peer_end(struct proc_peer *peer);

#endif
