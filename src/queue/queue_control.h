/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_control: what the user can do with a queued message.  queue_item_recover() has been called on the item.
 *
 * A message that has failed cannot be held: ERROR_USAGE.
 */
#ifndef QUEUE_QUEUE_CONTROL_H
#define QUEUE_QUEUE_CONTROL_H

#include "queue/spool.h"

typedef bool queue_control_fn(struct spool_entry *entry, int64_t now, struct error *err);

/* Holds it until the user releases it. */
bool queue_control_hold(struct spool_entry *entry, int64_t now, struct error *err) MUST_CHECK;
/*
 * Makes it due now, even if it was to be sent later.  If it has failed, the recipients that were refused are tried
 * again, and its lifetime starts again.  A damaged message is released only if it can be sent as it was accepted; else
 * ERROR_DAMAGED.
 */
bool queue_control_release(struct spool_entry *entry, int64_t now, struct error *err) MUST_CHECK;
bool queue_control_remove(struct spool_entry *entry, int64_t now, struct error *err) MUST_CHECK;

#endif
