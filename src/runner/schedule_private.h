/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What schedule.c and schedule_message.c share; for them only. */
#ifndef RUNNER_SCHEDULE_PRIVATE_H
#define RUNNER_SCHEDULE_PRIVATE_H

#include "runner/crew.h"
#include "runner/schedule.h"

/* A message of this round. */
struct schedule_job {
	char id[SPOOL_ID_LEN + 1];
	struct route *route;
	unsigned attempts; /* when it was read */
	bool done;	   /* it had its turn, here or in a worker of a crew */
	size_t number;	   /* in the list of the crew, in a worker */
	bool along;	   /* not due itself, but others of its route are */
	int priority;	   /* of the message; 0 if it has none */
};

/* A message that is not tried for a while: another process took it first, or the disk failed. */
#define SCHEDULE_PAUSE_MAX 300 /* no pause is longer, in seconds */
struct schedule_pause {
	char id[SPOOL_ID_LEN + 1];
	int64_t until; /* seconds */
};

/* What was found out about the route of the message at hand. */
struct schedule_news {
	bool worked, answered; /* a message was accepted; the server has answered to MAIL, at least */
	bool crowded;	       /* it does not want so many connections, or so many messages */
	bool failed;	       /* the account has: */
	struct retry_decision decision;
	char finder[SPOOL_ID_LEN + 1];
};

/* The first byte of a worker's record that this schedule takes itself. */
#define SCHEDULE_REPORT 'R'

struct message_job;

struct schedule {
	struct spool *spool;
	const struct schedule_ops *ops;
	const struct rng *rng;
	struct schedule_tally tally;
	struct route **routes; /* of the messages seen so far */
	size_t n_routes, cap_routes;
	struct schedule_job *jobs;
	size_t n_jobs, cap_jobs;
	struct schedule_pause *pauses;
	size_t n_pauses, cap_pauses;
	struct route *connected;    /* whose connection may be open, or NULL */
	unsigned carried;	    /* messages it has carried */
	bool hangs_up;		    /* it is to end when nothing is under way over it */
	struct message_job *oldest; /* of the attempts under way */
	const char *beginning;	    /* the ID of the message that has its turn, or NULL */
	struct schedule_news news;
	struct crew_worker *worker; /* this process is one of a crew; or NULL */
	char *at_hand;		    /* schedule_follow(), or NULL */
	int64_t since;
};

/* True if the filter takes messages regardless of their due time. */
static inline bool schedule_forced(const struct schedule_filter *filter)
{
	return filter->what != SCHEDULE_DUE;
}
static inline int64_t schedule_now(const struct schedule *s)
{
	return s->ops->now_ms(s->ops) / 1000;
}
/* id NULL: there is no message at hand any more. */
void schedule_take(struct schedule *s, const char *id);
void schedule_hang_up(struct schedule *s);
/* Before the next message has its turn: hangs up if that is due, else waits until it can be sent. */
void schedule_make_room(struct schedule *s);
/* Waits until no attempt is under way. */
void schedule_settle(struct schedule *s);
/* Sends the jobs of the route before the place end over several connections, and closes it for this round.  False: that
 * is not wanted, or not possible, or some jobs were left: what is not done is to be sent over one. */
bool schedule_crew(struct schedule *s, struct route *route, const struct schedule_filter *filter, size_t end);
/* The message is not tried for that many seconds. */
void schedule_pause(struct schedule *s, const char *id, int64_t seconds);

/* True if the item may be tried now: it is not held by the user, not damaged, and not to be sent later. */
bool schedule_allowed(const struct queue_item *item, int64_t now);
/* When the item itself is due (seconds); RETRY_NEVER: not without the user or a change. */
int64_t schedule_item_due(const struct route *route, const struct queue_item *item, int64_t now);
/* Claims the message, which is done then, and does what is to be done.  An attempt may still be under way when it
 * returns; each that ends may close the route, and one that is returned makes its message one that is not done. */
void schedule_message(struct schedule *s, struct schedule_job *job, const struct schedule_filter *filter);
/* A worker has crashed with the message at hand: if its attempt was under way, that has failed. */
void schedule_recover(struct schedule *s, struct schedule_job *job);

#endif
