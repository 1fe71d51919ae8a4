/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attempt: an attempt to deliver a queued message, from its entry to its outcome and the log.  Several may be under way
 * at once over one session (pipeline_messages).
 *
 *	attempt_begin(&request, entry, &result, done, arg);	// done(arg) is called now, or when replies are read
 *	attempt_make_room(transport);				// before the next one is begun
 *	attempt_settle(transport);				// all have ended
 */
#ifndef RUNNER_ATTEMPT_H
#define RUNNER_ATTEMPT_H

#include "runner/route.h"
#include "transport/transport.h"
#include "runner/schedule.h"

/* Shows a failed attempt to the user who is waiting for it; if it is set, a password may be asked for, too.  NULL: the
 * runner works in the background. */
typedef void attempt_show_fn(const struct submission *p, const struct delivery_result *result);

/* The session is ready, and MAIL goes out next: stores that an attempt is under way.  From now on a process that dies
 * may have delivered the message; before, it has sent nothing.  Does nothing if that is stored already. */
bool attempt_mark(struct spool_entry *entry, int64_t now, struct error *err) MUST_CHECK;
/* Stores the outcome of an attempt in the recipient.  REFUSED leaves it OPEN: attempt_decide() makes it FAILED. */
void attempt_take_outcome(struct queue_rcpt *rcpt, const struct outcome *o, int64_t now);

/* How to make the attempt. */
struct attempt_request {
	struct route *route;	      /* not broken */
	struct transport **transport; /* of this route; if it is NULL, one is made and kept */
	const struct runtime *runtime;
	attempt_show_fn *show;
};

/*
 * As schedule_ops.attempt: the recipients of the item get their states and statuses, *attempt the status of the
 * message. A recipient that was refused stays OPEN with its status: attempt_decide() makes it FAILED.  Logged with
 * queue_id=, unless it is returned. ERROR_DAMAGED in *attempt: nothing was sent, because the message is damaged.
 * req is copied; what it points to, the entry and *attempt must stay until done(arg) is called.
 */
void attempt_begin(const struct attempt_request *req, struct spool_entry *entry, struct attempt_result *attempt,
		   void (*done)(void *arg), void *arg);
/* As the functions of schedule_ops; transport may be NULL. */
void attempt_make_room(struct transport *transport);
void attempt_settle(struct transport *transport);
/* Logs an attempt that died with its process (queue_item_recover() was called). */
void attempt_died(struct route *route, struct spool_entry *entry, const struct runtime *runtime);

#endif
