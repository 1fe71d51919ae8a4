/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a batch, shared by batch.c (one message after the other) and batch_crew.c (several processes). */
#ifndef SERVE_BATCH_PRIVATE_H
#define SERVE_BATCH_PRIVATE_H

#include "serve/batch.h"
#include "serve/outlet.h"

struct crew_worker;

struct batch {
	const struct batch_request *req;
	struct batch_tally *tally;
	struct error *err;
	struct request request; /* with what the source implies; the rest is borrowed */
	struct outlets outlets;
	struct local_names names;   /* of this machine */
	struct batch_slot *coming;  /* read while the reply to an earlier message was awaited; or NULL */
	size_t under_way;	    /* messages that were posted and have no result yet */
	size_t undone;		    /* messages that no process of a crew came to */
	struct crew_worker *worker; /* this process is one of a crew; or NULL */
	bool leaves;		    /* ... and goes on no longer */
	size_t gone;		    /* messages of a crew that are not there any more */
	bool proven;		    /* the server has accepted a message */
	bool sent_here;		    /* ... from this process */
	bool stopped;
	bool later; /* a message may succeed later */
};

#define NO_OUTLET SIZE_MAX

/* A message from when it is read until its result is known; malloc'ed. */
struct batch_slot {
	struct batch *batch;
	struct batch_message message;
	struct submission p;
	struct send_result sent;
	size_t outlet; /* its index, or NO_OUTLET */
	size_t job;    /* its number in a crew */
	int read;      /* what the source's next() returned */
	bool tried;    /* to make the submission */
	bool made;
	struct error err; /* ... why it was not, or will not be sent */
	bool refused;	  /* by ourselves: that says nothing about the other messages */
};

/* A signal has asked to end. */
bool batch_signalled(void);
/* Becomes readable when a signal arrives in this process; -1: not to be had. */
int batch_signal_fd(void);
/* In a child process: its signals are not the parent's. */
void batch_signal_part(void);

struct batch_slot *batch_slot_new(struct batch *b);
void batch_slot_free(struct batch_slot *slot);
/* Sends what was read into the slot, which is freed when the result is known. */
void batch_send(struct batch *b, struct batch_slot *slot);
/* Waits for all results. */
void batch_flush(struct batch *b);
/* Hangs up, and starts the queue's runner for what it has got. */
void batch_part(struct batch *b);

/* What failed concerns the other messages as well. */
bool batch_delivery_concerns_all(const struct delivery_result *result);

/* In one of several processes, when the delivery is over: another one is to send the message. */
bool batch_crew_gives_away(void *slot, const struct delivery_result *result);
/* The account has queue_sessions for several processes, and the source can be shared. */
bool batch_has_crew(const struct batch *b);
/* Lets several processes send the rest.  False: they cannot. */
bool batch_crew(struct batch *b);

#endif
