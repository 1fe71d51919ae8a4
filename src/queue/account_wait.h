/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account_wait: which messages of the queue wait because an attempt with another message found a fault of the account
 * or its server that they share.
 *
 *	AUTO(account_waits) waits = ACCOUNT_WAITS_INIT;
 *	ok = account_waits_read(&waits, spool, now, &err);
 *	struct queue_view view = {item, where, now, account_waits_find(&waits, item, now)};
 */
#ifndef QUEUE_ACCOUNT_WAIT_H
#define QUEUE_ACCOUNT_WAIT_H

#include "queue/spool.h"

/* The fault of an account. */
struct account_wait {
	char *route;   /* queue_item_route() of all that wait for it */
	char *account; /* what the user calls it */
	char *id;      /* the message whose attempt found the fault */
	struct status why;
	int64_t since; /* when it was found */
	int64_t due;   /* when the account is tried again; 0: not before something changes */
};
struct account_waits {
	struct account_wait *v;
	size_t n, cap;
};
#define ACCOUNT_WAITS_INIT ((struct account_waits){.v = NULL})
void account_waits_release(struct account_waits *waits);

/* Adds the fault that the message's last attempt found, if it concerns all messages of the account.  One fault is kept
 * for each account: one that needs a change before one that passes, else the first. */
void account_waits_add(struct account_waits *waits, const struct queue_item *item, int64_t now);
/* Adds those of all messages in the queue.  What cannot be read is skipped. */
bool account_waits_read(struct account_waits *waits, struct spool *spool, int64_t now, struct error *err) MUST_CHECK;
/* Adds those of the oldest messages: for a look that must not take long. */
void account_waits_peek(struct account_waits *waits, struct spool *spool, int64_t now);
/* What the message waits for, or NULL: for nothing but its own time. */
const struct account_wait *account_waits_find(const struct account_waits *waits, const struct queue_item *item,
					      int64_t now);
/*
 * The oldest message of that route (queue_item_route()) that waits for the server itself, or was queued because such a
 * message waited: a new one goes after it.  malloc'ed ID; NULL: there is none.  runs false: no runner is started for
 * the queue, and a message that is overdue by more than a minute does not hold others, for nothing may be at work.
 * Looks at the oldest messages of the queue only.
 */
char *account_waits_ahead(struct spool *spool, const char *route, bool runs, int64_t now);
/*
 * The server of that route (queue_item_route()) has taken a message, or the beginning of one, from another process than
 * the background runner: makes the oldest message that waits for the server due now, and the runner, which sees that,
 * sends the others with it; releases those that are held for a fault of the account, because it is over.  Looks at the
 * oldest messages of the queue only, and does nothing if they cannot be read or stored.
 */
void account_waits_end(struct spool *spool, const char *route, int64_t now);
/* The same after a change of the account of that name: a new password, perhaps.  True if any message is due now. */
bool account_waits_end_named(struct spool *spool, const char *account, int64_t now);

#endif
