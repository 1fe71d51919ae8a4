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
#ifndef SMTP_SPLIT_H
#define SMTP_SPLIT_H

#include "base/error.h"
#include "message/envelope.h"

#define SPLIT_MOVED SIZE_MAX

struct split {
	const struct envelope *env; /* borrowed */
	size_t *order;		    /* recipients' numbers; SPLIT_MOVED where one was put back */
	size_t n, cap;
	size_t first, next;    /* the transaction under way has the positions first to next - 1 */
	uint64_t rcpt_max;     /* recipients in a transaction, 0: no limit is known ... */
	uint64_t domain_max;   /* ... and domains */
	size_t named, domains; /* in the transaction under way */
	bool full;	       /* the server said it has enough for this one */
};
#define SPLIT_INIT ((struct split){.env = NULL})

/* Begins with all recipients i for which wanted(arg, i). */
void split_begin(struct split *s, const struct envelope *env, uint64_t rcpt_max, uint64_t domain_max,
		 bool (*wanted)(void *arg, size_t i), void *arg);
void split_release(struct split *s);
/* All of them fit into one transaction, as far as is known. */
bool split_fits(const struct split *s);
/* The position to be named next in this transaction; false when it has all it may have. */
bool split_take(struct split *s, size_t *position);
/* The position taken last is not named in this transaction after all. */
void split_untake(struct split *s, size_t position);
/* The server has enough: this one, and all behind it, wait for a later transaction.  accepted: how many it took in
 * this one, at least 1; later ones will not have more. */
void split_put_back(struct split *s, size_t position, size_t accepted);
/* Recipients wait for a further transaction. */
bool split_waiting(const struct split *s);
/* Begins the next transaction. */
void split_turn(struct split *s);
/* The recipient at a position, SPLIT_MOVED if it was put back. */
size_t split_recipient(const struct split *s, size_t position);

#endif
