/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proc_guard: signals and the terminal while a child program runs in a process group of its own.
 *
 * A child group in the background cannot read the terminal: a helper that asks there (pass, gpg, read </dev/tty) would
 * be stopped.  So if this process has the terminal, its child gets it, and it is taken back afterwards.  Signals of the
 * keyboard then reach the child only; the guard passes them on to us.  A signal that ends this process ends the child's
 * group first.
 *
 * One guard at a time.
 */
#ifndef BASE_PROC_GUARD_H
#define BASE_PROC_GUARD_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct proc_guard {
	pid_t child;
	int tty;     /* the controlling terminal, or -1 */
	bool handed; /* the child has it */
	sigset_t before;
};

/* Call before the child is started: signals wait until _watch(). */
void proc_guard_begin(struct proc_guard *g);
/* The child has been started, with its pid as process group; a pid of -1: it has not. */
void proc_guard_watch(struct proc_guard *g, pid_t child);
/* The child was stopped by this signal.  True if it goes on: it got the terminal that it wants, or the user stopped it
 * with the keyboard, and it has waited with us until we were continued. */
bool proc_guard_stopped(struct proc_guard *g, int signal_number);
/* Takes the terminal back. */
void proc_guard_end(struct proc_guard *g);
/* After proc_guard_end(): this signal ended the child.  If it came from the keyboard, it was meant for us too. */
void proc_guard_ended_by(const struct proc_guard *g, int signal_number);

#endif
