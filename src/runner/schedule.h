/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * schedule: works through a spool.  Messages that are due are sent route by route, in order of arrival, over one
 * connection for each route.  The caller supplies the functions that deliver, report and wait.
 *
 *	struct schedule *s = schedule_new(spool, &ops, runtime->rng);
 *	ok = schedule_once(s, &(struct schedule_filter){SCHEDULE_ALL}, &err);	// -q
 *	ok = schedule_until_empty(s, &err);			// the background runner
 *	schedule_free(s);
 *
 * Several processes may work on one spool at once, and messages may disappear meanwhile.  A message that cannot be read
 * is reported and skipped.  A message whose attempt died with its process is treated as tried (UNCERTAIN) and waits for
 * its interval, so it neither blocks others nor is tried again and again; every filter but SCHEDULE_DUE tries it at
 * once.
 *
 * Each attempt is on disk before MAIL goes out (in_flight) and after it ended (the outcome).  One that died before MAIL
 * has left nothing, and the message is simply tried again.  A message that all recipients got and that needs no report
 * is removed at once.
 *
 * Where the route allows several attempts at once (pipeline_messages), each message stays claimed until its own has
 * ended.  A message that may have been delivered goes alone, so one that makes the program crash each time costs others
 * an attempt once.
 */
#ifndef RUNNER_SCHEDULE_H
#define RUNNER_SCHEDULE_H

#include "runner/crew.h"
#include "runner/route.h"

/* How an attempt ended; what it found out about the recipients is in the item already. */
struct attempt_result {
	struct status status; /* the failure that speaks for the message, or the reply that accepted it */
	bool in_transaction;  /* it came to MAIL or further */
	bool unmarked;	      /* attempt_mark() failed, so nothing was sent: the status says why */
	bool returned;	      /* the session ended before it was taken: as if it had not been tried */
};

/* How often refresh() is called while something is held, in seconds. */
#define SCHEDULE_LOOK 900

/* Replaceable; ops itself is the first parameter. */
struct schedule_ops {
	/* Wall clock, milliseconds since 1970. */
	int64_t (*now_ms)(const struct schedule_ops *ops);
	/* A new round begins: routes whose configuration has changed are to be read again when they are asked for. */
	void (*refresh)(const struct schedule_ops *ops);
	/* The item's route; it lives as long as the schedule, and its settings stay as they are until the next
	 * refresh(). */
	struct route *(*route)(const struct schedule_ops *ops, const struct queue_item *item);
	/*
	 * Tries to deliver to the recipients that are still to be tried, and leaves the connection open if it can. Sets
	 * the state of each to ACCEPTED or UNCERTAIN, or leaves it OPEN with its status; the schedule decides what
	 * becomes of it then.  *result is zeroed before.  Calls attempt_mark() before MAIL.  When all that is known,
	 * done(arg) is called: before it returns, or, where the route has several messages under way at once, within a
	 * later call of attempt(), make_room() or settle().
	 */
	void (*attempt)(const struct schedule_ops *ops, struct route *route, struct spool_entry *entry,
			struct attempt_result *result, void (*done)(void *arg), void *arg);
	/* Waits until a further attempt can be begun before those under way have ended, or none is under way. */
	void (*make_room)(const struct schedule_ops *ops);
	/* Waits until all attempts have ended. */
	void (*settle)(const struct schedule_ops *ops);
	/* Ends the connection, if there is one.  No attempt is under way. */
	void (*hang_up)(const struct schedule_ops *ops);
	/* Logs an attempt that died. */
	void (*died)(const struct schedule_ops *ops, struct route *route, struct spool_entry *entry);
	/* The item has changed and is stored: makes the reports that are due.  False: not all could be made now. */
	bool (*notify)(const struct schedule_ops *ops, struct route *route, struct spool_entry *entry,
		       struct error *err);
	/* A report is due that was not made, because a process died before it: notify() is to be called. */
	bool (*owes)(const struct schedule_ops *ops, const struct queue_item *item);
	/* Nothing is pending and all is reported: removes the message, or moves it to where it stays (spool_finish(),
	 * spool_fail()).  False: not now. */
	bool (*end)(const struct schedule_ops *ops, struct spool_entry *entry, struct error *err);
	/* Waits until that time, or until something changed in the queue if wakes is true (it may return early).
	 * False: end now. */
	bool (*wait)(const struct schedule_ops *ops, int64_t until_ms, bool wakes);
	/* True: end before the next message. */
	bool (*stopped)(const struct schedule_ops *ops);
	/*
	 * Messages of the route are held until something changes, and the schedule is about to wait.  What may change
	 * is to end wait(), or else refresh() is to see it: that is called after SCHEDULE_LOOK at the latest.  False:
	 * it has changed already.
	 */
	bool (*watch)(const struct schedule_ops *ops, struct route *route);
	/* Becomes readable when stopped() may be true; -1: it is not known. */
	int (*stop_fd)(const struct schedule_ops *ops);
	/* Ends the session, but keeps what the next one needs (a password, say): processes that are made now have it.
	 */
	void (*part)(const struct schedule_ops *ops);
	/* In a worker of a crew (runner/crew.h), first and last.  What is to be known in the parent is sent there with
	 * crew_send(), and taken by take_record() there; the first byte is not SCHEDULE_REPORT. */
	void (*begin_worker)(const struct schedule_ops *ops, struct crew_worker *worker);
	void (*end_worker)(const struct schedule_ops *ops);
	void (*take_record)(const struct schedule_ops *ops, struct span record);
	/* A worker crashed with that message at hand.  An attempt that was under way is left to the schedule. */
	void (*crashed)(const struct schedule_ops *ops, const char *id, int ended);
	/* Reports a problem with one message (id) or with the queue (NULL); the schedule goes on without it. */
	void (*say)(const struct schedule_ops *ops, const char *id, const struct error *err);
};

enum schedule_what {
	SCHEDULE_ALL, /* due or not, held for a change or not */
	SCHEDULE_DUE,
	SCHEDULE_ID,	    /* this and the following: as SCHEDULE_ALL, but only if text is part of the ID ... */
	SCHEDULE_RECIPIENT, /* ... of a recipient still to be tried ... */
	SCHEDULE_SENDER,    /* ... of the sender, without case; or ... */
	SCHEDULE_IDS	    /* ... the ID is one of ids */
};
/* None of them tries messages that the user holds, that are damaged or that are to be sent later. */
struct schedule_filter {
	enum schedule_what what;
	const char *text;
	const struct strvec *ids;
};

/* True if the filter takes the message, and it may be tried now or was named by its ID. */
bool schedule_chooses(const struct schedule_filter *filter, const struct queue_item *item, int64_t now);

/* What became of the messages that the filter chose; added up over the calls. */
struct schedule_tally {
	size_t done;	   /* delivered or given up: no longer in the queue */
	size_t failed;	   /* of these: given up for some or all recipients */
	size_t left;	   /* tried or to be tried, and still in the queue */
	size_t unreadable; /* or could not be stored */
};

struct schedule;
/* spool, ops and rng must outlive it. */
struct schedule *schedule_new(struct spool *spool, const struct schedule_ops *ops, const struct rng *rng);
void schedule_free(struct schedule *s);
/*
 * The ID of the message at hand is written to id (room for SPOOL_ID_LEN + 1), "" while there is none: for the process
 * that goes on after a crash of this one.  since (0: none): what was tried since then had its turn in the next
 * schedule_once(), and a message whose attempt died waits for its interval there.
 */
void schedule_follow(struct schedule *s, char *id, int64_t since);
DEFINE_AUTO_PTR(schedule);
const struct schedule_tally *schedule_tally(const struct schedule *s);

/* Tries each chosen message once.  False only if the queue itself cannot be read. */
bool schedule_once(struct schedule *s, const struct schedule_filter *filter, struct error *err) MUST_CHECK;
/* Tries messages when they are due, until none has a due time and none is held until something changes, or stopped()
 * is true. */
bool schedule_until_empty(struct schedule *s, struct error *err) MUST_CHECK;
/* When something is to be done next, in milliseconds; RETRY_NEVER: nothing without the user or a change. */
bool schedule_next(struct schedule *s, int64_t *next, struct error *err) MUST_CHECK;

#endif
