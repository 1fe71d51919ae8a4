/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proc_start: starts a child program, for base/proc.h and base/proc_peer.h.
 *
 * It has default signals, no descriptors above 2, and a process group of its own.  It is killed if this process
 * disappears.
 */
#ifndef BASE_PROC_START_H
#define BASE_PROC_START_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct proc_start {
	const char *const *argv; /* argv[0] looked up in PATH; no shell */
	char *const *environ;
	int in, out, errors; /* above 2 (proc_fd_lift()); in -1: /dev/null; errors -1: our standard error */
	bool joins;	     /* it stays in our process group */
};

/* Returns errno, also of the exec, which the child reports through a pipe that exec closes; 0: it runs. */
int proc_start(const struct proc_start *how, pid_t *pid);
/* Moves *fd above 2, because 0, 1 and 2 are replaced in the child: they may be closed in a process started by a
 * daemon. */
bool proc_fd_lift(int *fd);
/* Sets SIGCHLD to its default action: while it is ignored, the kernel discards exit statuses, which are needed here.
 * The caller of this program may have ignored it, and that is inherited.  True if that changed it: *before has what to
 * set again. */
bool proc_sigchld_restore(struct sigaction *before);

#endif
