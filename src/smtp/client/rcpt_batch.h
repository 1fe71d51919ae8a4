/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * split: which recipients of a submission go into which transaction.
 *
 * A server may take fewer recipients in one transaction than a message has: it
 * says so beforehand (LIMITS, RFC 9422), or when there are too many (452 4.5.3,
 * or 552: RFC 5321 section 4.5.3.1.10).  The rest then goes in further
 * transactions of the same session.
 *
 * Recipients stand in the order in which they are named; a position is an
 * index into that order.  One put back gets a new position at the end.  Linear
 * in the number of recipients, plus one sort where domains count.
 */
#ifndef SMTP_CLIENT_RCPT_BATCH_H
#define SMTP_CLIENT_RCPT_BATCH_H

#include "base/error.h"
#include "address/envelope.h"

#define RCPT_BATCH_MOVED SIZE_MAX

struct rcpt_batch {
	const struct envelope *env; /* borrowed */
	size_t *order;		    /* recipients' numbers; RCPT_BATCH_MOVED where one was put back */
	size_t n, cap;
	size_t first, next;    /* the transaction under way has the positions first to next - 1 */
	uint64_t rcpt_max;     /* recipients in a transaction, 0: no limit is known ... */
	uint64_t domain_max;   /* ... and domains */
	size_t named, domains; /* in the transaction under way */
	bool full;	       /* the server said it has enough for this one */
};
#define RCPT_BATCH_INIT ((struct rcpt_batch){.env = NULL})

/* Begins with all recipients i for which wanted(arg, i). */
void rcpt_batch_begin(struct rcpt_batch *s, const struct envelope *env, uint64_t rcpt_max, uint64_t domain_max,
		      bool (*wanted)(void *arg, size_t i), void *arg);
void rcpt_batch_release(struct rcpt_batch *s);
/* All of them fit into one transaction, as far as is known. */
bool rcpt_batch_fits(const struct rcpt_batch *s);
/* The position to be named next in this transaction; false when it has all it may have. */
bool rcpt_batch_take(struct rcpt_batch *s, size_t *position);
/* The position taken last is not named in this transaction after all. */
void rcpt_batch_untake(struct rcpt_batch *s, size_t position);
/* The server has enough: this one, and all behind it, wait for a later transaction.  accepted: how many it took in
 * this one, at least 1; later ones will not have more. */
void rcpt_batch_put_back(struct rcpt_batch *s, size_t position, size_t accepted);
/* Recipients wait for a further transaction. */
bool rcpt_batch_waiting(const struct rcpt_batch *s);
/* Begins the next transaction. */
void rcpt_batch_turn(struct rcpt_batch *s);
/* The recipient at a position, RCPT_BATCH_MOVED if it was put back. */
size_t rcpt_batch_recipient(const struct rcpt_batch *s, size_t position);

#endif
