/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue_attempt: one attempt to deliver a queued message, from its entry to its outcome and the log. */
#ifndef CLI_QUEUE_ATTEMPT_H
#define CLI_QUEUE_ATTEMPT_H

#include "cli/queued.h"
#include "deliver/courier.h"
#include "queue/run.h"

/* How and with whom. */
struct queue_attempt_request {
	struct queued *queued;	  /* ready */
	struct courier **courier; /* of these settings; NULL in it: one is made and stays */
	const struct surroundings *around;
	const char *state_home; /* or NULL; must outlive the courier */
	bool foreground; /* the user looks on: what fails is said on standard error, and a password may be asked for */
};

/*
 * As run_ops.attempt: recipients of the item get their states, errors and texts, the verdict
 * the whole.  A recipient refused for good stays OPEN with its error: the queue judges.  Logged with queue_id=.
 */
void queue_attempt(const struct queue_attempt_request *req, struct spool_entry *entry, struct run_verdict *verdict);
/* Logs an attempt that died with its process (queue_item_recover() was called). */
void queue_attempt_died(struct queued *q, struct spool_entry *entry, const struct surroundings *around);

#endif
