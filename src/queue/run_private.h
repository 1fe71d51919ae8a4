/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What run.c and run_message.c share; nobody else's. */
#ifndef QUEUE_RUN_PRIVATE_H
#define QUEUE_RUN_PRIVATE_H

#include "queue/run.h"

/* What is known about a route as long as the run lasts. */
struct run_way {
	char *key;
	struct retry_account account;
	bool holds;		       /* a message of this round is held until something changes */
	int64_t next_ms;	       /* min_interval: not before */
	size_t first;		       /* place of its oldest message in this round's list */
	const struct run_route *route; /* of this round */
};

/* A message of this round. */
struct run_job {
	char id[SPOOL_ID_LEN + 1];
	size_t way;
	unsigned attempts; /* when it was looked at */
};

/* A message that is left alone for a while: somebody else has it, or the disk would not do as told. */
/* No pause is longer, in seconds. */
#define RUN_PAUSE_MAX 300
struct run_pause {
	char id[SPOOL_ID_LEN + 1];
	int64_t until; /* seconds */
};

struct run {
	struct spool *spool;
	const struct run_ops *ops;
	const struct rng *rng;
	struct run_tally tally;
	struct run_way *ways;
	size_t n_ways, cap_ways;
	struct run_job *jobs;
	size_t n_jobs, cap_jobs;
	struct run_pause *pauses;
	size_t n_pauses, cap_pauses;
	bool connected;	   /* as far as we asked for it ... */
	size_t connection; /* ... along this way ... */
	unsigned carried;  /* ... for so many messages */
};

/* Whether the filter takes a message regardless of its due time. */
static inline bool run_forced(const struct run_filter *filter)
{
	return filter->what != RUN_DUE;
}
static inline int64_t run_now(const struct run *run)
{
	return run->ops->now_ms(run->ops) / 1000;
}
void run_hang_up(struct run *run);
/* Nobody looks at it for so many seconds. */
void run_pause(struct run *run, const char *id, int64_t seconds);

/* Whether the item may be tried at all now: not held by the user, not for later. */
bool run_allowed(const struct queue_item *item, int64_t now);
/* When the item itself is to be looked at (seconds); RETRY_NEVER: not by itself. */
int64_t run_item_due(const struct run_route *route, const struct queue_item *item, int64_t now);
/* Claims the message and does what is to be done; false: this way takes nothing more in this round. */
bool run_message(struct run *run, const struct run_job *job, const struct run_filter *filter);

#endif
