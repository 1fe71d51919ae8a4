/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * retry: what becomes of a message after an attempt, and when it is tried next.  Pure: the item, the clock, the policy
 * and random numbers come in, a decision goes out.
 *
 * After every attempt, the first (runner/enqueue) and each later one (runner/schedule):
 *
 *	struct retry_decision d = attempt_decide(item, in_transaction, policy, now, rng);
 *	attempt_apply(&d, item, fingerprint, reason);	// then spool_update()
 *	if (d.scope == RETRY_ACCOUNT)			// other messages that use the account wait, too
 *		retry_account_failed(&account, &d, fingerprint);
 *
 * The schedule is by the number of attempts of the message: the first interval follows the first failure, and so on;
 * the last one repeats.  Jitter lengthens an interval by up to jitter_percent, so that many machines do not
 * connect at the same time.
 *
 * The lifetime starts at item->age_from.  The last attempt is made when the lifetime ends, not before; what fails then
 * is given up.  A message is never given up before it had min_attempts (or as many as its lifetime has room for): no
 * mail is lost because a machine slept through the lifetime, or its clock jumped ahead.
 *
 * Clocks: a lifetime that started in the future (the clock was fast, or is slow now) starts now.  A due time that is
 * further ahead than the longest interval is due now.  A lifetime that started before this program existed starts when
 * the message is first seen with a correct clock.
 */
#ifndef QUEUE_RETRY_H
#define QUEUE_RETRY_H

#include "queue/item.h"

#include "base/clock.h"

struct retry_policy {
	const int64_t *schedule; /* seconds, at least one, each at least 1; borrowed */
	size_t n;
	int64_t lifetime;   /* seconds */
	int64_t rate_limit; /* shortest wait after 421 and 4.7.x, in seconds */
	int64_t spread;	    /* the start after a sleep is spread over so many seconds at most */
	unsigned jitter_percent;
	unsigned min_attempts;
};

/* 1m 2m 5m 15m 30m 60m 2h; 5d; 15m; 30s; 20 %; 3 */
extern const struct retry_policy retry_policy_default;

/*
 * LATER    QUEUED, due at the time named
 * HOLD     HELD for HOLD_CONFIG until the fingerprint changes; due names a time when it
 *          is tried all the same, or is 0: only after a change
 * GIVE_UP  nothing is left to be tried: what failed is permanent, or too old
 */
enum retry_action { RETRY_LATER, RETRY_HOLD, RETRY_GIVE_UP };
/* What the failure concerns: this message alone, or all that use this account and host. */
enum retry_scope { RETRY_MESSAGE, RETRY_ACCOUNT };

struct retry_decision {
	enum retry_action action;
	enum retry_scope scope;
	int64_t due;
	int64_t age_from;    /* what item->age_from is to be from now on */
	int64_t made;	     /* when it was made */
	bool rate_limit;     /* LATER because the server wants us to come less often */
	bool expired;	     /* GIVE_UP because of age */
	bool in_transaction; /* as given to attempt_decide() */
};

/*
 * The one decision after an attempt.  item: as it is after queue_item_attempt() (attempts includes this one), each
 * recipient that is still to be tried with the status of this attempt.  in_transaction: it came to MAIL or further, so
 * other messages may do better on the same account.
 *
 * The status of a recipient decides about this recipient, all of them decide about the message, and their order makes
 * no difference: it is tried LATER if any may succeed as it is, after the longest wait that any of these needs (a rate
 * limit); else it is on HOLD if any may succeed after a change.  UNCERTAIN is tried again like any temporary failure;
 * the bytes are the same, with Message-ID and Date, so that the recipient's side can recognise a second copy, and the
 * recipient's possible_duplicate makes reports say so.
 *
 * Where credentials or settings are wrong (auth_refused, config, usage ...) the due time of HOLD is 0: trying again
 * would only lock the account.  Where the network or the server may be at fault (TLS, certificate, host unknown,
 * something not offered: a café's network) it is the longest interval ahead.
 *
 * A server that refuses all clients (5xx at greeting or EHLO) is HOLD, and nonsense before MAIL is LATER: neither says
 * anything about the message.  A failed account is tried with its oldest message; the others wait
 * as long as that one.
 */
struct retry_decision attempt_decide(const struct queue_item *item, bool in_transaction,
				     const struct retry_policy *policy, int64_t now, const struct rng *rng);
/* Carries out the decision: recipients that are given up become FAILED; with LATER and HOLD the item gets state, hold,
 * reason, fingerprint and due, and with every decision age_from.  fingerprint and reason may be NULL and are copied. */
void attempt_apply(const struct retry_decision *decision, struct queue_item *item, const char *fingerprint,
		   const struct status *reason);
/* True if the item is held for a failure of its account that only a change can end: other messages would fail alike. */
bool retry_holds_account(const struct queue_item *item);
/* True if the item is to be tried later because of a failure of its account or server that passes without a change:
 * others wait as long. */
bool retry_delays_account(const struct queue_item *item, int64_t now);
/* The same, and the server wants us to come less often. */
bool retry_limits_account(const struct queue_item *item, int64_t now);
/*
 * From when on the item may be tried when another one of its account is: at any time if what failed was the account or
 * its server, which the other one is about to ask; else when its own interval is over without the jitter, so that
 * jitter does not change the order.  Never before a rate limit is over.  RETRY_NEVER: only at its own time.
 */
int64_t retry_along(const struct retry_policy *policy, const struct queue_item *item);

/*
 * When the item is to be tried: its due time, corrected where a clock was wrong, but not before not_before; RETRY_NEVER
 * if it is FAILED or HELD without a time.  It is due if that is <= now.
 */
#define RETRY_NEVER INT64_MAX
int64_t retry_due(const struct retry_policy *policy, const struct queue_item *item, int64_t now);
/* True if what the item is held for (HOLD_CONFIG) has changed: the fingerprint differs (NULL differs from any). */
bool retry_changed(const struct queue_item *item, const char *fingerprint);
/* True if it is held for a change in a file that was named for it with -C, and its lifetime is over: such a file was
 * perhaps made for one message, so it does not wait for ever. */
bool retry_outlived(const struct retry_policy *policy, const struct queue_item *item, int64_t now);
/* True if its lifetime is over and an attempt that fails now is the last. */
bool retry_expired(const struct retry_policy *policy, const struct queue_item *item, int64_t now);
/*
 * When a runner whose oldest message is overdue by that many seconds should begin.  Up to a minute late: now.  After a
 * sleep of the machine the start is spread over some time: the network may have just come up, and a thousand laptops
 * may connect to the same server in the morning.
 */
int64_t retry_after_sleep(const struct retry_policy *policy, int64_t overdue, int64_t now, const struct rng *rng);

/*
 * What is known about an account and its host, in the memory of the runner; zero-initialized: nothing has failed.  A
 * runner that starts knows nothing and tries the first message that is due: if the account is at fault, the others wait
 * again after that one attempt.
 */
struct retry_account {
	unsigned failures; /* of the account, in a row */
	int64_t due;	   /* nothing is tried before; 0: no reason to wait */
	int64_t since;	   /* the last failure */
	bool rate_limit;   /* it was that we come too often */
	bool held;	   /* all wait for a change ... */
	char *fingerprint; /* ... of this; owned */
};
void retry_account_release(struct retry_account *account);
/* A decision of scope RETRY_ACCOUNT was made: nothing is tried with this account before it is due. */
void retry_account_failed(struct retry_account *account, const struct retry_decision *decision,
			  const char *fingerprint);
/* A message was accepted: all that waited only for the account may be tried. */
void retry_account_worked(struct retry_account *account);
/* When the account may be tried (<= now: at once); RETRY_NEVER while it is held without a time and the fingerprint is
 * the same. */
int64_t retry_account_due(const struct retry_policy *policy, const struct retry_account *account,
			  const char *fingerprint, int64_t now);
/* The same for a message that arrived then: one that is newer than the failure asks again, a minute after it at the
 * earliest, so that nothing waits for hours for a server that is back. */
int64_t retry_account_due_for(const struct retry_policy *policy, const struct retry_account *account,
			      const char *fingerprint, int64_t arrival, int64_t now);

#endif
