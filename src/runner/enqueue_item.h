/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * enqueue_item: the item of a message that is to be queued.  Pure.
 */
#ifndef RUNNER_ENQUEUE_ITEM_H
#define RUNNER_ENQUEUE_ITEM_H

#include "submit/submission.h"
#include "queue/item.h"
#include "queue/retry.h"

/*
 * Adds to item->settings and item->environment a line for each value of the account that came from the command line
 * or the environment and matters to later attempts: server, auth, TLS, message, queue and log.  Omitted is what the
 * item has in members of its own (sender, recipients, parameters, body), what is in the header already, and every
 * secret.  Relative file names become absolute with folder in front (or stay as they are, with NULL).
 */
void enqueue_item_add_settings(struct queue_item *item, const struct account *a, const char *folder);
/*
 * Fills item (fresh) with everything that is known before an attempt: all recipients of p->env OPEN, accepted at
 * now.  config_file: as given with -C, or NULL.  folder: the one we are in, or NULL.
 */
void enqueue_item_fill(struct queue_item *item, const struct submission *p, const char *config_file, const char *folder,
		       int64_t now);
/* Holds the message until that time, when its lifetime starts, too; the server is no longer asked to hold it. */
void enqueue_item_hold(struct queue_item *item, int64_t until);
/* True if this recipient is worth another attempt.  has_id: the message has a Message-ID. */
bool enqueue_item_wants(const struct outcome *o, bool has_id);
/*
 * True if this recipient was accepted by a server without DSN, and its sender asked for a report about success, which
 * is then ours to make (RFC 3461 section 5.2.2).
 */
bool enqueue_item_reports(const struct envelope *env, size_t i, const struct caps *caps, const struct outcome *o);
/* Removes the recipients that are not marked (one mark for each), which have no status yet. */
void enqueue_item_only(struct queue_item *item, const bool *wanted);
/*
 * Reduces an item that enqueue_item_fill() made to the marked recipients (as many marks as result->n and recipients),
 * each with what the attempt found out about it, records the attempt, and decides about the next one.  False: there is
 * none, because no recipient is marked or the lifetime is over.
 */
bool enqueue_item_attempted(struct queue_item *item, const struct delivery_result *result, const bool *wanted,
			    const struct retry_policy *policy, int64_t now, const struct rng *rng) MUST_CHECK;
/* The same for recipients that were accepted: they are not tried again, and what is left to do is to report them. */
void enqueue_item_relayed(struct queue_item *item, const struct delivery_result *result, const bool *wanted,
			  int64_t now);

#endif
