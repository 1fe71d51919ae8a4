/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * batch: many messages, one after the other, over one session for each account.
 *
 * A message that fails does not stop the work; what concerns all of them does (a refused login, an unknown host), and
 * so does a server that cannot be reached, unless the rest can be queued.  SIGINT or SIGTERM let the message at hand
 * finish, a second one ends the process.
 */
#ifndef SERVE_BATCH_H
#define SERVE_BATCH_H

#include "base/strbuf.h"
#include "runner/runner.h"
#include "serve/batch_source.h"

struct batch_request {
	const struct request *request;
	const struct runtime *runtime;
	struct settings *settings; /* read (settings_read()); the account is chosen for each message */
	struct batch_source *source;
	/* As in send_request. */
	void (*listen)(void *arg, struct delivery_request *req);
	/* What became of a message. */
	void (*show)(void *arg, const struct batch_message *m, const struct submission *p, struct send_result *sent);
	void *arg;
	/* What show() has printed on standard error and standard output, so that a child process can pass it on.  NULL:
	 * there is one process. */
	const struct runner_errors *errors, *output;
};

struct batch_tally {
	size_t sent, failed; /* messages: accepted or queued for all recipients, and others */
	size_t left;	     /* not tried; SIZE_MAX: some, but it is not known how many */
	bool interrupted;    /* by a signal */
	int status;	     /* exit status: 0 if all were sent; of what stopped the work; 75 if a message may succeed
			      * later, or some are left; else 65 */
};

/* The source named by "mbox:FILE", "maildir:DIR" or "smtp".  NULL with an error; ERROR_USAGE if a name is unknown. */
MUST_CHECK struct batch_source *batch_open(const char *name, const struct runtime *runtime, struct error *err);
/* Sends all messages of the source, which is closed.  *err is what stopped the work; kind NONE: nothing did. */
void batch_run(const struct batch_request *req, struct batch_tally *tally, struct error *err);
/* Appends a sentence that says how many were sent, failed, and are left. */
void batch_summary(const struct batch_tally *tally, struct strbuf *out);

#endif
