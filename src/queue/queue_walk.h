/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue_walk: visits each message of the queue, oldest first, then those that have failed. */
#ifndef QUEUE_QUEUE_WALK_H
#define QUEUE_QUEUE_WALK_H

#include "queue/spool.h"

struct queue_visitor {
	void (*message)(void *ctx, const struct queue_item *item, const struct spool_stat *where);
	/* A message that cannot be read. */
	void (*unreadable)(void *ctx, const char *id, const struct error *err);
	void *ctx;
};

/* The queue may change meanwhile: a message that has left when its turn comes is skipped, and one that has failed since
 * may be visited twice.  False if the folders cannot be read. */
bool queue_walk(struct spool *spool, const struct queue_visitor *visitor, struct error *err) MUST_CHECK;

#endif
