/* SPDX-License-Identifier: GPL-3.0-or-later */
/* notify_dsn: makes the report about a queued message, ready to be enqueued; it is about the recipients with a
 * REPORTING bit. */
#ifndef RUNNER_NOTIFY_DSN_H
#define RUNNER_NOTIFY_DSN_H

#include "submit/submission.h"
#include "dsn/dsn.h"
#include "queue/spool.h"

/* False for the null sender and for reports: nothing is ever reported about them (no bounce of a bounce). */
bool notify_dsn_possible(const struct queue_item *item);
/*
 * entry: claimed, and at least one recipient has a REPORTING bit.  made: zero; as of dsn_make().  item: fresh; what
 * the queue is to know about the report, its own ID (item->report of the original), and HELD.
 */
bool notify_dsn_make(struct spool_entry *entry, const struct submission *p, const struct runtime *runtime, int64_t now,
		     struct dsn_message *made, struct queue_item *item, struct error *err) MUST_CHECK;

#endif
