/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * self_start: starts this program once more, in the background: in a session of its own, in "/", with umask 077 and
 * default signals, without any of our descriptors.  Output is /dev/null, so that a program that waits for the end of
 * our output does not wait for the new process.
 *
 *	struct self_start how = {.program = runtime->self,
 *				  .argv = (char *[]){"posthaste", "--queue-runner", NULL},
 *				  .environ = NULL,
 *				  .input = -1};
 *	int errnum = self_start(&how);
 */
#ifndef BASE_SELF_START_H
#define BASE_SELF_START_H

#include <stdbool.h>

struct self_start {
	const char *program; /* the file of this program, or a name to be found by PATH (struct runtime, self) */
	char *const *argv;
	char *const *environ;
	int input;	    /* becomes its standard input, and stays open here; -1: /dev/null */
	bool holds_signals; /* SIGTERM and SIGINT are blocked, so that none is lost before the program asks for them */
};
/* Returns as soon as the program runs, and does not wait for its end.  0, or the error number that prevented it. */
int self_start(const struct self_start *how);

#endif
