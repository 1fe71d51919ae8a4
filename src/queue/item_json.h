/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * item_json: a message of the queue for programs: mailq, --queue-show and on_failure describe it with the keys that
 * --json has for a submission (base/status.h).  Pure.
 */
#ifndef QUEUE_ITEM_JSON_H
#define QUEUE_ITEM_JSON_H

#include "queue/item.h"

/*
 * Adds to the object that is open: queue_id, state, hold, reason (why it waits or has failed, a sentence, or NULL), the
 * keys of the failure that speaks for it (leading, or NULL), arrival, size, from, account, attempts, next_attempt
 * (next, or 0: none), message_id, report_of and possible_duplicate.
 */
void queue_item_json(const struct queue_item *item, const struct status *leading, const char *reason, int64_t next,
		     struct json *j);
/* Opens the object of a recipient; the caller may add to it, and ends it. */
void queue_rcpt_json(const struct queue_rcpt *rcpt, struct json *j);

#endif
