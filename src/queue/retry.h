/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * retry: what becomes of a message after an attempt that failed, and when it is
 * tried next.  Pure: history, clock, policy and chance come in, a decision goes out.
 *
 * After an attempt (all of it for one server):
 *
 *	d = retry_after_attempt(policy, item, &status, in_transaction, now, rng);
 *	retry_apply(&d, item, fingerprint, &status);	// then spool_update()
 *	if (d.scope == RETRY_ACCOUNT)			// others through it wait, too
 *		retry_account_failed(&account, &d, now);
 *
 * The schedule counts the attempts of the message: after the first failure the
 * first interval is waited, and so on; the last repeats.  Jitter lengthens an
 * interval by up to jitter_percent, so that many machines do not come at once.
 *
 * Lifetime counts from item->age_from.  The last attempt is made when the
 * lifetime ends, not before; what fails then is given up.  A message is never
 * given up before it had min_attempts (or as many as its lifetime has room for):
 * a machine that slept through the lifetime, or a clock that jumped ahead, costs
 * nobody his mail.
 *
 * Clocks: a time of the past that lies in the future (the clock was ahead, or
 * is behind) counts as now; a due time further off than the longest interval has
 * come, too; an age that began before this program existed began when it was
 * first seen with a right clock.
 */
#ifndef QUEUE_RETRY_H
#define QUEUE_RETRY_H

#include "queue/item.h"

#include "base/clock.h"

struct retry_policy {
	const int64_t *schedule; /* seconds, at least one, each at least 1; borrowed */
	size_t n;
	int64_t lifetime;   /* seconds */
	int64_t rate_limit; /* seconds at least after 421 and 4.7.x */
	int64_t spread;	    /* seconds at most over which the overdue are spread after a sleep */
	unsigned jitter_percent;
	unsigned min_attempts;
};

/* 1m 2m 5m 15m 30m 60m 2h; 5d; 15m; 30s; 20 %; 3 */
extern const struct retry_policy retry_policy_default;

/*
 * LATER    QUEUED, due at the time named
 * HOLD     HELD for HOLD_CONFIG until the fingerprint changes; due names a time when it
 *          is tried all the same, or 0: never by itself
 * GIVE_UP  permanent, or too old: report and end
 */
enum retry_verdict { RETRY_LATER, RETRY_HOLD, RETRY_GIVE_UP };
/* Whose fault: this message's alone, or every one's through this account and host. */
enum retry_scope { RETRY_MESSAGE, RETRY_ACCOUNT };

struct retry_decision {
	enum retry_verdict verdict;
	enum retry_scope scope;
	int64_t due;
	int64_t age_from; /* what item->age_from is to be from now on */
	bool expired;	  /* GIVE_UP because of age */
};

/*
 * status: what failed, never of kind ERROR_NONE.  in_transaction: at MAIL or later, so other messages may do better on
 * the same account.  item: as it is after queue_item_attempt() (attempts counts this one).  UNCERTAIN is retried like
 * any temporary fault; the octets are the same, Message-ID and Date included, so that the recipient's side can tell a
 * second copy, and the item's possible_duplicate makes reports say so.
 *
 * HOLD for what needs a change.  Where credentials or settings are wrong (auth_refused, config,
 * usage ...) due is 0: trying again would only lock the account.  Where the surroundings may be at
 * fault (TLS, certificate, host unknown, something not offered: a café's network) due is the longest
 * interval ahead.
 *
 * Beyond the error table: a server that refuses everybody (5xx at greeting or EHLO) is HOLD, not the
 * end of the message, and nonsense before MAIL is LATER: neither says anything about the message.
 * A retried account is tried with its oldest message; that one's interval is everybody's.
 */
struct retry_decision retry_after_attempt(const struct retry_policy *policy, const struct queue_item *item,
					  const struct status *status, bool in_transaction, int64_t now,
					  const struct rng *rng);
/* Writes LATER and HOLD into the item (state, hold, reason, fingerprint, due, age_from); of GIVE_UP only age_from.
 * fingerprint and reason may be NULL, are copied. */
void retry_apply(const struct retry_decision *decision, struct queue_item *item, const char *fingerprint,
		 const struct status *reason);

/*
 * When the item is to be tried, in view of now: its due time put right where a clock was wrong,
 * not before not_before; RETRY_NEVER if it is FAILED or HELD without a time.  What is <= now is due.
 */
#define RETRY_NEVER INT64_MAX
int64_t retry_due(const struct retry_policy *policy, const struct queue_item *item, int64_t now);
/* A held item may go again: HOLD_CONFIG and the fingerprint is another one (NULL is another than any). */
bool retry_mended(const struct queue_item *item, const char *fingerprint);
/* True if its lifetime is over and an attempt that fails now is the last. */
bool retry_expired(const struct retry_policy *policy, const struct queue_item *item, int64_t now);
/*
 * For a runner that finds its oldest work overdue by so many seconds: when to begin.  Up to a
 * minute late is now; after a sleep the start is spread, so that a network that just came up,
 * and a server whom a thousand laptops meet in the morning, can breathe.
 */
int64_t retry_after_sleep(const struct retry_policy *policy, int64_t overdue, int64_t now, const struct rng *rng);

/*
 * What is known about an account and its host, kept by the runner in memory; zero-initialized is
 * "nothing bad".  A runner that starts knows nothing and tries the first message that is due: with a
 * fault of the account the others are held back again after one attempt.
 */
struct retry_account {
	unsigned failures; /* in a row, through the account's fault */
	int64_t due;	   /* nothing is tried before; 0: no reason to wait */
	bool held;	   /* all wait for a change ... */
	char *fingerprint; /* ... of this; owned */
};
void retry_account_release(struct retry_account *account);
/* A decision of account scope was made: nothing through this account before it is due. */
void retry_account_failed(struct retry_account *account, const struct retry_decision *decision,
			  const char *fingerprint);
/* Something was accepted: everything that waited only for the account may go. */
void retry_account_worked(struct retry_account *account);
/* When the account may be tried (<= now: at once); RETRY_NEVER while it is held without a time and the fingerprint is
 * the same. */
int64_t retry_account_due(const struct retry_policy *policy, const struct retry_account *account,
			  const char *fingerprint, int64_t now);

#endif
