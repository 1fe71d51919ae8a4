/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keep: how messages come into the queue.
 *
 *	off     nothing is kept, nothing is looked at
 *	auto    delivered first; recipients worth another attempt are kept
 *	always  kept first, without touching the network or asking for a secret
 *
 * Kept is what waits for time to pass: temporary failures, and what may have been delivered (the queue alone
 * tries that again, under the same Message-ID).  Not kept is what waits for the user, who is there just
 * now: a password, a certificate, the configuration.  With "partial abort" the recipients
 * are kept all together or not at all.
 */
#ifndef RUNNER_ENQUEUE_H
#define RUNNER_ENQUEUE_H

#include "submit/request.h"
#include "submit/submission.h"

enum enqueue_mode { ENQUEUE_OFF, ENQUEUE_AUTO, ENQUEUE_ALWAYS };

/*
 * What queue, undo_window and sendmail's letter (struct request, delivery) come to.  "queue off" that somebody wrote
 * is the last word, --queue= counts more than the letter, and undo_window makes always of what is on
 * and of what nobody switched off.
 */
enum enqueue_mode enqueue_mode_of(const struct account *a, char delivery);

/*
 * Keeps the message for all its recipients; p->queue_id is set then.  What is to be held (hold_for, --hold-until,
 * undo_window) is held here.  False: nothing was kept; the error's kind is one for files.
 */
bool enqueue_all(struct submission *p, const struct request *request, const struct runtime *runtime,
		 struct error *err) MUST_CHECK;
/*
 * After a delivery that began at that time: keeps the message for those who are worth it; their outcomes are QUEUED
 * then, and p->queue_id is set.  True with p->queue_id NULL: there was nothing to keep.  False: result is as it was.
 */
bool enqueue_remaining(struct submission *p, const struct request *request, const struct runtime *runtime,
		       struct delivery_result *result, int64_t started, struct error *err) MUST_CHECK;
/* Starts the runner if something was kept, or lies in the queue from earlier (one system call where there is no queue).
 * A runner that cannot be started is a line on standard error. */
void enqueue_wake(const struct submission *p, const struct request *request, const struct runtime *runtime);

#endif
