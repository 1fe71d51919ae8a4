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
#ifndef CLI_KEEP_H
#define CLI_KEEP_H

#include "cli/prepare.h"

enum keep_mode { KEEP_OFF, KEEP_AUTO, KEEP_ALWAYS };

/*
 * What queue, undo_window and sendmail's letter (struct args, delivery) come to.  "queue off" that somebody wrote
 * is the last word, --queue= counts more than the letter, and undo_window makes always of what is on
 * and of what nobody switched off.
 */
enum keep_mode keep_mode_of(const struct account *a, char delivery);

/*
 * Keeps the message for all its recipients; p->queue_id is set then.  What is to be held (hold_for, --hold-until,
 * undo_window) is held here.  False: nothing was kept; the error's kind is one for files.
 */
bool keep_all(struct prepared *p, const struct args *args, const struct surroundings *around,
	      struct error *err) MUST_CHECK;
/*
 * After a delivery that began at that time: keeps the message for those who are worth it; their outcomes are QUEUED
 * then, and p->queue_id is set.  True with p->queue_id NULL: there was nothing to keep.  False: result is as it was.
 */
bool keep_open(struct prepared *p, const struct args *args, const struct surroundings *around,
	       struct delivery_result *result, int64_t started, struct error *err) MUST_CHECK;
/* Starts the runner if something was kept, or lies in the queue from earlier (one system call where there is no queue).
 * A runner that cannot be started is a line on standard error. */
void keep_wake(const struct prepared *p, const struct args *args, const struct surroundings *around);

#endif
