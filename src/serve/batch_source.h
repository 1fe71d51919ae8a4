/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * batch_source: where the messages of a batch come from, one after the other.
 *
 * A source that can be started again remembers, across a crash too, what became of each message: begin() is called
 * before anything can be delivered or queued, end() when the outcome is known.
 */
#ifndef SERVE_BATCH_SOURCE_H
#define SERVE_BATCH_SOURCE_H

#include "runner/send.h"

struct batch_message {
	char *where;	      /* which one it is, as users know it: "new/1.a", "FILE, line 120"; malloc'ed */
	struct error err;     /* why it is not to be sent; kind NONE: it is */
	struct strvec served; /* recipients that have it from an earlier run */
	size_t key;	      /* the source's own */
};
void batch_message_release(struct batch_message *m);

struct batch_source;
struct batch_source_ops {
	/* 1: the next message, in p->message, maybe with its envelope (p->has_envelope); m is empty before.  0: there
	 * is none.  -1: no further one can be read. */
	int (*next)(struct batch_source *s, struct batch_message *m, struct submission *p, struct error *err);
	/* next() may have to wait for it.  NULL: it never does. */
	bool (*waits)(struct batch_source *s);
	/* As send_request.ready; may be called several times for a message.  NULL: nothing is remembered. */
	bool (*begin)(struct batch_source *s, const struct batch_message *m, struct error *err);
	/* What became of it; after begin(), or without.  (sent->given_away: so far nothing, whatever begin() was told.)
	 */
	void (*end)(struct batch_source *s, const struct batch_message *m, const struct submission *p,
		    const struct send_result *sent);
	/* For several processes that share the rest: its messages have numbers from 0, and each process picks some, in
	 * any order (as next(); 0: that one is gone).  At the end the source looks what became of them.  NULL: they can
	 * only be read one after the other. */
	size_t (*share)(struct batch_source *s);
	int (*pick)(struct batch_source *s, size_t number, struct batch_message *m, struct submission *p,
		    struct error *err);
	void (*shared)(struct batch_source *s);
	/* How many messages next() did not come to; SIZE_MAX: not known.  The last call but close(). */
	size_t (*left)(struct batch_source *s);
	/* Frees s.  False: something could not be written, which a problem was reported of (runtime_problem()). */
	bool (*close)(struct batch_source *s);
};
struct batch_source {
	const struct batch_source_ops *ops;
	bool faulty; /* there was something that is no message, which was reported (runtime_problem()) */
};

/* Each returns NULL with an error if there is no such source; runtime is borrowed. */

/* A file of messages, each after a line "From ADDRESS DATE" (mboxrd: ">From " at the start of a line loses one ">"). */
MUST_CHECK struct batch_source *batch_mbox_open(const char *path, const struct runtime *runtime, struct error *err);
/* A Maildir: what is in new, and in cur without the flags S (seen), T (trashed) and D (draft).  What was sent goes to
 * cur with the flag S.  ERROR_TIMEOUT: another process is at work there. */
MUST_CHECK struct batch_source *batch_maildir_open(const char *path, const struct runtime *runtime, struct error *err);
/* Batch SMTP: the client's side of SMTP sessions on runtime->input. */
MUST_CHECK struct batch_source *batch_smtp_open(const struct runtime *runtime, struct error *err);

#endif
