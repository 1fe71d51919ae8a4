/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proc: run a child program and collect what it prints.
 *
 * The child gets the environment of runtime, /dev/null or what the caller has to say as standard input, our
 * standard error, a pipe as standard output, default signals, no other descriptors, and a process group
 * of its own, which is killed when the deadline passes or the limit is hit.
 * A grandchild that keeps the pipe open does not hold us: once the child has
 * ended, what is in the pipe is read without waiting, and the grandchild lives on.
 *
 * SIGCHLD may be ignored by whoever started us: it is set to its default while
 * the child runs.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include "base/runtime.h"
#include "base/secret.h"

struct proc_request {
	const char *const *argv; /* argv[0] looked up in PATH; no shell */
	const char *name;	 /* what errors call "the command ..."; NULL: argv[0] */
	const struct runtime *runtime;
	msec_t deadline;
	size_t limit;		    /* most octets of output taken */
	const struct secret *input; /* said on its standard input, then end of file; NULL: /dev/null */
};

/*
 * Collects standard output as a secret.  Fails with ERROR_SECRET_UNAVAILABLE
 * (cannot be started, non-zero status, signal, deadline, over the limit); the
 * text names the command and never quotes its output.  A child that prints
 * nothing and exits with 0 gives a secret that is set and empty: whether that will do
 * is the caller's judgement.  Reading output is bounded by the limit, all waiting by the
 * deadline and one second more for the killed child.
 */
bool proc_capture_secret(const struct proc_request *req, struct secret *out, struct error *err) MUST_CHECK;

#endif
