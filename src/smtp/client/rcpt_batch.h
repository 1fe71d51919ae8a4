/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rcpt_batch: which recipients of a message go into which transaction.
 *
 * A server may accept fewer recipients in one transaction than a message has.
 * It says so beforehand (LIMITS, RFC 9422), or when there are too many (452
 * 4.5.3, or 552: RFC 5321 section 4.5.3.1.10).  The other recipients then go
 * into further transactions of the same session, or of another session if the
 * server limits the domains of one.
 *
 * A position is an index into the order in which recipients are named.  One
 * that is postponed gets a new position at the end.  Time is linear in the
 * number of recipients, plus one sort if the server limits domains.
 */
#ifndef SMTP_CLIENT_RCPT_BATCH_H
#define SMTP_CLIENT_RCPT_BATCH_H

#include "base/error.h"
#include "base/strvec.h"
#include "address/envelope.h"

#define RCPT_BATCH_MOVED SIZE_MAX

struct rcpt_limits {
	uint64_t rcpt_max;   /* recipients in a transaction, 0: no limit is known */
	uint64_t domain_max; /* domains of recipients in a session, 0: the same */
};

struct rcpt_batch {
	const struct envelope *env; /* borrowed */
	struct strvec *domains;	    /* named in the session, sorted without regard to case; borrowed */
	size_t *order;		    /* recipients' numbers; RCPT_BATCH_MOVED where one was postponed */
	size_t n, cap;
	size_t first, next; /* the transaction under way has the positions first to next - 1 */
	struct rcpt_limits limits;
	size_t named; /* in the transaction under way */
	bool full;    /* the server said that it accepts no more in this transaction */
};
#define RCPT_BATCH_INIT ((struct rcpt_batch){.env = NULL})

/* Starts with all recipients i for which wanted(arg, i) is true.  domains: those of the session, empty at its start;
 * used only if there is a limit. */
void rcpt_batch_begin(struct rcpt_batch *b, const struct envelope *env, const struct rcpt_limits *limits,
		      struct strvec *domains, bool (*wanted)(void *arg, size_t i), void *arg);
void rcpt_batch_release(struct rcpt_batch *b);
/* All of them fit into one transaction, as far as is known; begun: of this session, else of a new one. */
bool rcpt_batch_fits(const struct rcpt_batch *b, bool begun);
/* The next one waiting cannot be named in this session: its domain would be one too many. */
bool rcpt_batch_needs_session(const struct rcpt_batch *b);
/* The position to be named next in this transaction; false if no further one may be. */
bool rcpt_batch_take(struct rcpt_batch *b, size_t *position);
/* Undoes the last rcpt_batch_take(): this position was not named in this transaction. */
void rcpt_batch_return(struct rcpt_batch *b, size_t position);
/* The server accepts no more in this transaction: this recipient, and all after it, go into a later one.  accepted:
 * the number it accepted, at least 1, which is the limit for later transactions. */
void rcpt_batch_postpone(struct rcpt_batch *b, size_t position, size_t accepted);
/* Recipients wait for a further transaction. */
bool rcpt_batch_waiting(const struct rcpt_batch *b);
/* Begins the next transaction. */
void rcpt_batch_next(struct rcpt_batch *b);
/* The recipient at a position; RCPT_BATCH_MOVED if it was postponed. */
size_t rcpt_batch_recipient(const struct rcpt_batch *b, size_t position);

#endif
