/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proc: runs a child program and collects its output.
 *
 * The child gets the environment of runtime, /dev/null or what the caller has to say as standard input, a pipe as
 * standard output, our standard error or a file that is read after its end, default signals, no other descriptors, and
 * a process group of its own, which is killed when the deadline passes or the limit is hit.
 * A grandchild that keeps the pipe open does not hold us: once the child has
 * ended, what is in the pipe is read without waiting, and the grandchild lives on.
 *
 * If this process has the terminal, the child has it while it runs, so that it can ask there (proc_guard.h).
 * A signal that ends this process kills the child's group first, and the child is killed if this process disappears.
 *
 * If SIGCHLD is ignored, it is set to its default action while the child runs.
 */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include "base/runtime.h"
#include "base/secret.h"
#include "base/strbuf.h"

#define PROC_ERRORS_MAX ((size_t)64 << 10)

/* What a child wrote to standard error: PROC_ERRORS_MAX bytes of it and CLEAN_CUT.  It may contain what the child
 * printed, which is to be hidden there (secret/helper_words.h). */
struct proc_errors {
	struct strbuf text;
	struct secret printed; /* also by a child that failed */
};

#define PROC_ERRORS_INIT ((struct proc_errors){STRBUF_INIT, SECRET_INIT})

void proc_errors_release(struct proc_errors *errors);

struct proc_request {
	const char *const *argv; /* argv[0] looked up in PATH; no shell */
	const char *name;	 /* what errors call "the command ..."; NULL: argv[0] */
	const struct runtime *runtime;
	msec_t deadline;
	size_t limit;		    /* the most bytes of output accepted */
	const struct secret *input; /* written to its standard input; NULL: /dev/null ... */
	const int *input_file;	    /* ... or this open file, above 2 */
	struct proc_errors *errors; /* filled if the runtime keeps them; NULL: it shares our standard error */
	/* Gets the output in portions, for proc_run(); false with err ends the child. */
	bool (*take)(void *arg, struct span output, struct error *err);
	void *take_arg;
	int *exit_status; /* set if it exited; may be NULL */
};

/* How long a helper may take that no setting limits: 5 minutes where it can ask a person (a controlling terminal,
 * DISPLAY or WAYLAND_DISPLAY), 60 seconds elsewhere. */
msec_t proc_patience(const struct runtime *runtime);
/*
 * Runs the child and stores its standard output in out.  False with
 * ERROR_SECRET_UNAVAILABLE (it cannot be started, non-zero status, signal, deadline, over the limit); the text names
 * the command and never quotes its output.  A child that prints nothing and exits with 0 gives a secret that is set and
 * empty; the caller decides whether that is enough. Returns by the deadline, or at most one second later if the child
 * has to be killed.
 */
bool proc_capture_secret(const struct proc_request *req, struct secret *out, struct error *err) MUST_CHECK;
/* The same with the output given to req->take(). */
bool proc_run(const struct proc_request *req, struct error *err) MUST_CHECK;

#endif
