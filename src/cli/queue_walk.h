/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue_walk: every message of the queue in turn, oldest first, those that are over last. */
#ifndef CLI_QUEUE_WALK_H
#define CLI_QUEUE_WALK_H

#include "cli/queue_list.h"

struct queue_visitor {
	void (*message)(void *ctx, const struct queue_view *view);
	/* A message that cannot be read. */
	void (*unreadable)(void *ctx, const char *id, const struct error *err);
	void *ctx;
};

/* The queue may change meanwhile; what is gone when its turn comes is left out.
 * False when the folders cannot be read. */
bool queue_walk(struct spool *spool, int64_t now, const struct queue_visitor *visitor, struct error *err) MUST_CHECK;

#endif
