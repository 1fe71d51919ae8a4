/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue_item_check: what was read from the queue's files passes the same checks as what users type. */
#ifndef QUEUE_ITEM_CHECK_H
#define QUEUE_ITEM_CHECK_H

#include "queue/item.h"

/*
 * Addresses by address_check(), the envelope ID by envelope_envid_check(), NOTIFY by RFC 3461.  There must be a sender
 * and a recipient, unless the item is all that is known of a damaged message.  ERROR_DAMAGED.
 */
bool queue_item_check(const struct queue_item *item, struct error *err) MUST_CHECK;

#endif
