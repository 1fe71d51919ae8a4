/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_report: from a queued message to the report about it, ready to be
 * enqueued.  Which recipients it is about, their REPORTING bits say.
 */
#ifndef CLI_QUEUE_REPORT_H
#define CLI_QUEUE_REPORT_H

#include "cli/prepare.h"
#include "message/report.h"
#include "queue/spool.h"

/* False for the null sender and for reports: nothing is ever reported about them (no bounce of a bounce). */
bool queue_report_possible(const struct queue_item *item);
/*
 * entry: claimed, and at least one recipient has a REPORTING bit.  made: zero; as of report_make().  item: fresh; what
 * the queue is to know about the report, its own ID (item->report of the original), and HELD.
 */
bool queue_report_make(struct spool_entry *entry, const struct prepared *p, const struct surroundings *around,
		       int64_t now, struct report_message *made, struct queue_item *item, struct error *err) MUST_CHECK;

#endif
