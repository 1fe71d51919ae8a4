/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue_view: what a user is told about a message of the queue: why it waits, and what can be done.  Pure. */
#ifndef QUEUE_QUEUE_VIEW_H
#define QUEUE_QUEUE_VIEW_H

#include "queue/account_wait.h"

/* A message as it is shown. */
struct queue_view {
	const struct queue_item *item;
	struct spool_stat where;
	int64_t now;
	const struct account_wait *waits_for; /* account_waits_find(); NULL: for nothing, or not looked for */
};

/* The character after the ID: '*' being sent, '!' held, '#' failed, or a space. */
char queue_view_mark(const struct queue_view *view);
/* Why the message waits, cleaned; malloc'ed, NULL: nothing has happened yet. */
char *queue_view_reason(const struct queue_view *view);
/* What the user can do about that, cleaned; malloc'ed or NULL. */
char *queue_view_hint(const struct queue_view *view);
/* The failure that speaks for it, of the message that found the fault of the account if it waits for that; NULL: none.
 */
const struct status *queue_view_leading(const struct queue_view *view);
/* When it is tried next, now or later; 0: not until the user releases it or something changes, or never. */
int64_t queue_view_next_attempt(const struct queue_view *view);
/* What happened to a recipient, cleaned: our words, the code, the server's words.  malloc'ed, NULL: nothing yet. */
char *queue_rcpt_reason(const struct queue_rcpt *rcpt);
/* "Sun Nov 22 10:30:00", local time. */
void queue_time_add(struct strbuf *out, int64_t when);

#endif
