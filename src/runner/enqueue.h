/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * enqueue: puts messages into the queue.
 *
 *	off     the queue is neither written nor read
 *	auto    tried first; recipients that may succeed later are queued
 *	always  queued first, without touching the network or asking for a secret
 *
 * With "auto" a message is queued untried if an earlier one of its account waits for the server.
 *
 * What may succeed later is queued: temporary failures, and what may have been delivered (only the queue tries that
 * again, with the same Message-ID).  What the user has to fix (a password, a certificate, the configuration) is not:
 * the user is there now.  With "partial abort" either all recipients are queued or none.
 */
#ifndef RUNNER_ENQUEUE_H
#define RUNNER_ENQUEUE_H

#include "submit/request.h"
#include "submit/submission.h"

enum enqueue_mode { ENQUEUE_OFF, ENQUEUE_AUTO, ENQUEUE_ALWAYS };

/*
 * The mode that follows from queue, undo_window and sendmail's letter (struct request, delivery).  An explicit
 * "queue off" stays off, --queue= overrides the letter, and undo_window turns a queue that is on, or off only by
 * default, into always.
 */
enum enqueue_mode enqueue_mode_of(const struct account *a, char delivery);

/*
 * True if the message is to be queued before anything is sent: always, or with "auto" because an earlier message of the
 * same account and settings waits for the server, which must not be overtaken (p->queued_after).  Without a queue it
 * costs one system call.
 */
bool enqueue_goes_first(struct submission *p, const struct request *request, const struct runtime *runtime);
/*
 * Queues the message for all its recipients and sets p->queue_id.  A hold (hold_for, --hold-until, undo_window) is
 * observed here.  False: nothing was queued; the error's kind is one for files.
 */
bool enqueue_all(struct submission *p, const struct request *request, const struct runtime *runtime,
		 struct error *err) MUST_CHECK;
/*
 * After a delivery that began at that time: queues the message for the recipients that may succeed later; their
 * outcomes become QUEUED, and p->queue_id is set.  True with p->queue_id NULL: there was nothing to queue.  False:
 * result is as it was.
 */
bool enqueue_remaining(struct submission *p, const struct request *request, const struct runtime *runtime,
		       struct delivery_result *result, int64_t started, struct error *err) MUST_CHECK;
/*
 * After the same delivery: a server without DSN cannot send the report about success that was asked for, so the queue
 * gets the recipients it accepted, only to be reported as relayed.  Without a queue, or if it cannot be written, the
 * result gets a warning; the message was sent all the same.
 */
void enqueue_report(struct submission *p, const struct request *request, const struct runtime *runtime,
		    struct delivery_result *result, int64_t started);
/* After the same delivery: the queue gets the recipients that were refused, only to be reported to the sender as failed
 * (runner/notify.h).  For a caller who cannot be told about each recipient. */
enum enqueue_refusals {
	REFUSALS_UNWANTED,   /* no report is wanted about any of them (NOTIFY) */
	REFUSALS_UNREPORTED, /* the sender is <>, or err says why */
	REFUSALS_REPORTED
};
enum enqueue_refusals enqueue_refused(const struct submission *p, const struct request *request,
				      const struct runtime *runtime, const struct delivery_result *result,
				      struct error *err);
/*
 * If the server has answered, what waits for that is due now, and what is held for a fault of the account is released.
 * If the message was queued and the account is held, or goes after another message, that is reported as a problem
 * (runtime_problem()).  Starts the runner if the message was queued or the queue had earlier ones; if that is not
 * possible, it is reported, too.
 */
void enqueue_wake(const struct submission *p, const struct request *request, const struct runtime *runtime);

/* The account's password was changed: what waits or is held for the account goes now.  False: the runner cannot be
 * started. */
bool enqueue_resume(const struct account *a, const struct runtime *runtime, struct error *err) MUST_CHECK;

#endif
