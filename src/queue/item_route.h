/* SPDX-License-Identifier: GPL-3.0-or-later */
/* item_route: which messages are sent in the same way.  Pure. */
#ifndef QUEUE_ITEM_ROUTE_H
#define QUEUE_ITEM_ROUTE_H

#include "queue/item.h"

/* malloc'ed; equal for messages that are sent in the same way: with the same account, file and settings. */
char *queue_item_route(const struct queue_item *item);
/* What to call that account: its name, or else the host given for the message; cleaned, malloc'ed. */
char *queue_item_account_label(const struct queue_item *item);

#endif
