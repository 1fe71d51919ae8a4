/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/retry.h"

#include "base/xalloc.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* No message is older than this program: 1 January 2026.  A clock with an earlier time has not been set yet. */
#define FIRST_DAY INT64_C(1767225600)
/* Seconds.  A machine that is late by less was not asleep. */
#define LATE 60
/* Seconds from a failure of the account until a new message asks again. */
#define ASK_AGAIN 60

static const int64_t default_schedule[] = {MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR};

const struct retry_policy retry_policy_default = {
	.schedule = default_schedule,
	.n = ARRAY_SIZE(default_schedule),
	.lifetime = 5 * DAY,
	.rate_limit = 15 * MINUTE,
	.spread = 30,
	.jitter_percent = 20,
	.min_attempts = 3,
};

/* Saturating, because a clock can be wrong by any amount. */
static int64_t add_saturated(int64_t a, int64_t b)
{
	int64_t sum;
	if (__builtin_add_overflow(a, b, &sum))
		return b > 0 ? INT64_MAX : INT64_MIN;
	return sum;
}

static int64_t subtract_saturated(int64_t a, int64_t b)
{
	int64_t difference;
	if (__builtin_sub_overflow(a, b, &difference))
		return b < 0 ? INT64_MAX : INT64_MIN;
	return difference;
}

/* 0 to limit, both included. */
static int64_t random_up_to(const struct rng *rng, int64_t limit)
{
	uint32_t random;
	if (limit <= 0)
		return 0;
	rng->fill(rng, &random, sizeof(random));
	return (int64_t)(random % ((uint64_t)limit + 1)); /* not quite even, which does not matter here */
}

static int64_t longest_interval(const struct retry_policy *policy)
{
	int64_t most = policy->rate_limit;
	for (size_t i = 0; i < policy->n; i++)
		most = policy->schedule[i] > most ? policy->schedule[i] : most;
	return most;
}

static int64_t with_jitter(const struct retry_policy *policy, int64_t interval, const struct rng *rng)
{
	return add_saturated(interval, random_up_to(rng, interval / 100 * policy->jitter_percent +
								 interval % 100 * policy->jitter_percent / 100));
}

/* The interval after the attempt of that number, counted from 1. */
static int64_t interval_after(const struct retry_policy *policy, unsigned attempts)
{
	size_t i = attempts ? attempts - 1 : 0;
	return policy->schedule[i < policy->n ? i : policy->n - 1];
}

/* ---- one failure ------------------------------------------------------------- */

/* A recipient that was not reached, for whatever reason, is tried again. */
static enum error_kind kind_of(const struct queue_rcpt *rcpt)
{
	return rcpt->status.kind != ERROR_NONE ? rcpt->status.kind : ERROR_SERVER_TEMPORARY;
}

static enum retry_scope scope_of(enum error_kind kind, int code, bool in_transaction)
{
	enum error_scope scope = error_kind_scope(kind);
	if (scope == ERROR_SCOPE_SESSION)
		return !in_transaction || code == 421 ? RETRY_ACCOUNT : RETRY_MESSAGE;
	return scope == ERROR_SCOPE_ACCOUNT ? RETRY_ACCOUNT : RETRY_MESSAGE;
}

static enum error_disposition disposition_of(enum error_kind kind, bool in_transaction)
{
	return in_transaction ? error_kind_disposition(kind) : error_kind_disposition_before_mail(kind);
}

/* ---- age ------------------------------------------------------------------- */

/* When the lifetime started, corrected where a clock was wrong. */
static int64_t age_from(const struct queue_item *item, int64_t now)
{
	int64_t from = item->age_from ? item->age_from : item->arrival;
	if (from > now)
		return now;
	if (from < FIRST_DAY && now >= FIRST_DAY)
		return now;
	return from;
}

/* How many attempts fit into the lifetime, at most min_attempts. */
static unsigned attempts_due(const struct retry_policy *policy)
{
	unsigned attempts = 1;
	for (int64_t at = 0; attempts < policy->min_attempts; attempts++) {
		at = add_saturated(at, interval_after(policy, attempts));
		if (at > policy->lifetime)
			break;
	}
	return attempts;
}

static bool is_expired(const struct retry_policy *policy, const struct queue_item *item, unsigned attempts, int64_t now)
{
	return subtract_saturated(now, age_from(item, now)) >= policy->lifetime && attempts >= attempts_due(policy);
}

bool retry_expired(const struct retry_policy *policy, const struct queue_item *item, int64_t now)
{
	unsigned with_the_next = item->attempts < UINT32_MAX ? item->attempts + 1 : item->attempts;
	return is_expired(policy, item, with_the_next, now);
}

bool retry_outlived(const struct retry_policy *policy, const struct queue_item *item, int64_t now)
{
	return item->state == QUEUE_HELD && item->hold == HOLD_CONFIG && item->config_file &&
	       subtract_saturated(now, age_from(item, now)) >= policy->lifetime;
}

/* ---- deciding --------------------------------------------------------------- */

/* What the recipients need, taken together: their order makes no difference. */
struct needs {
	bool retry;	 /* some are to be tried again ... */
	bool rate_limit; /* ... and one of these less often */
	bool fix;	 /* some wait for a change ... */
	bool clears;	 /* ... which the user need not make for one of these */
	enum retry_scope scope;
};

static void add_needs(struct needs *needs, const struct queue_rcpt *rcpt, bool in_transaction)
{
	enum error_kind kind = kind_of(rcpt);
	if (scope_of(kind, rcpt->status.code, in_transaction) == RETRY_ACCOUNT)
		needs->scope = RETRY_ACCOUNT;
	switch (disposition_of(kind, in_transaction)) {
	case DISPOSITION_RETRY:
		needs->retry = true;
		needs->rate_limit |= status_is_rate_limit(&rcpt->status);
		break;
	case DISPOSITION_FIX:
		needs->fix = true;
		needs->clears |= error_kind_clears(kind);
		break;
	case DISPOSITION_PERMANENT: break;
	}
}

static int64_t next_attempt(const struct retry_policy *policy, const struct queue_item *item, bool rate_limit,
			    int64_t now, const struct rng *rng)
{
	int64_t interval = interval_after(policy, item->attempts);
	if (rate_limit && interval < policy->rate_limit)
		interval = policy->rate_limit;
	int64_t due = add_saturated(now, with_jitter(policy, interval, rng));
	int64_t end = add_saturated(age_from(item, now), policy->lifetime);
	return end > now && due > end ? end : due; /* the last attempt is made when the lifetime ends */
}

struct retry_decision attempt_decide(const struct queue_item *item, bool in_transaction,
				     const struct retry_policy *policy, int64_t now, const struct rng *rng)
{
	struct needs needs = {.scope = RETRY_MESSAGE};
	for (size_t i = 0; i < item->n; i++)
		if (queue_rcpt_pending(&item->rcpts[i]))
			add_needs(&needs, &item->rcpts[i], in_transaction);
	struct retry_decision decision = {.action = RETRY_GIVE_UP,
					  .scope = needs.scope,
					  .age_from = age_from(item, now),
					  .made = now,
					  .in_transaction = in_transaction};
	if (!needs.retry && !needs.fix)
		return decision;
	decision.expired = is_expired(policy, item, item->attempts, now);
	if (decision.expired)
		return decision;
	if (needs.retry) {
		decision.action = RETRY_LATER;
		decision.rate_limit = needs.rate_limit;
		decision.due = next_attempt(policy, item, needs.rate_limit, now, rng);
		return decision;
	}
	decision.action = RETRY_HOLD;
	if (needs.clears)
		decision.due = add_saturated(now, with_jitter(policy, longest_interval(policy), rng));
	return decision;
}

static void give_up(struct queue_item *item, const struct retry_decision *decision)
{
	for (size_t i = 0; i < item->n; i++) {
		struct queue_rcpt *rcpt = &item->rcpts[i];
		bool over = decision->expired ||
			    disposition_of(kind_of(rcpt), decision->in_transaction) == DISPOSITION_PERMANENT;
		if (queue_rcpt_pending(rcpt) && over)
			rcpt->state = RCPT_FAILED;
	}
}

void attempt_apply(const struct retry_decision *decision, struct queue_item *item, const char *fingerprint,
		   const struct status *reason)
{
	bool hold = decision->action == RETRY_HOLD;
	item->age_from = decision->age_from;
	give_up(item, decision);
	if (decision->action == RETRY_GIVE_UP)
		return;
	item->state = hold ? QUEUE_HELD : QUEUE_QUEUED;
	item->hold = hold ? HOLD_CONFIG : HOLD_NONE;
	item->due = decision->due;
	item->account_fault = decision->scope == RETRY_ACCOUNT;
	status_copy(&item->reason, hold && reason ? reason : &STATUS_INIT);
	xreplace(&item->fingerprint, hold ? fingerprint : NULL);
}

bool retry_holds_account(const struct queue_item *item)
{
	if (item->state != QUEUE_HELD || item->hold != HOLD_CONFIG || item->due || !item->n_history)
		return false;
	const struct status *last = &item->history[item->n_history - 1].status;
	return last->kind != ERROR_NONE && scope_of(last->kind, last->code, false) == RETRY_ACCOUNT &&
	       disposition_of(last->kind, false) == DISPOSITION_FIX && !error_kind_clears(last->kind);
}

static bool waits_for_time(const struct queue_item *item)
{
	return item->state == QUEUE_QUEUED || (item->state == QUEUE_HELD && item->hold == HOLD_CONFIG && item->due);
}

bool retry_delays_account(const struct queue_item *item, int64_t now)
{
	return item->account_fault && waits_for_time(item) && item->due > now;
}

/* ---- when ------------------------------------------------------------------ */

/* The latest due time that can have been set with a correct clock. */
static int64_t latest_due(const struct retry_policy *policy, int64_t now)
{
	int64_t most = longest_interval(policy);
	return add_saturated(now, add_saturated(most, most / 100 * policy->jitter_percent +
							      most % 100 * policy->jitter_percent / 100));
}

int64_t retry_due(const struct retry_policy *policy, const struct queue_item *item, int64_t now)
{
	if (item->state == QUEUE_FAILED ||
	    (item->state == QUEUE_HELD && (item->hold == HOLD_USER || item->hold == HOLD_DAMAGED || !item->due)))
		return RETRY_NEVER;
	int64_t due = item->due;
	int64_t limit = latest_due(policy, now);
	if (due > limit &&
	    due > item->not_before) /* set when the clock was ahead; a time counted from now would never come */
		due = now;
	return due < item->not_before ? item->not_before : due;
}

static bool is_rate_limited(const struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		if (queue_rcpt_pending(&item->rcpts[i]) && status_is_rate_limit(&item->rcpts[i].status))
			return true;
	return false;
}

bool retry_limits_account(const struct queue_item *item, int64_t now)
{
	return retry_delays_account(item, now) && item->n_history && is_rate_limited(item);
}

int64_t retry_along(const struct retry_policy *policy, const struct queue_item *item)
{
	if (!waits_for_time(item) || !item->n_history || item->in_flight)
		return RETRY_NEVER;
	bool rate_limit = is_rate_limited(item);
	if (item->account_fault && !rate_limit)
		return item->not_before;
	int64_t interval =
		item->state == QUEUE_HELD ? longest_interval(policy) : interval_after(policy, item->attempts);
	if (rate_limit && interval < policy->rate_limit)
		interval = policy->rate_limit;
	int64_t over = add_saturated(item->history[item->n_history - 1].when, interval);
	return over > item->not_before ? over : item->not_before;
}

bool retry_changed(const struct queue_item *item, const char *fingerprint)
{
	if (item->state != QUEUE_HELD || item->hold != HOLD_CONFIG)
		return false;
	return !fingerprint || !item->fingerprint || strcmp(item->fingerprint, fingerprint) != 0;
}

int64_t retry_after_sleep(const struct retry_policy *policy, int64_t overdue, int64_t now, const struct rng *rng)
{
	if (overdue <= LATE)
		return now;
	int64_t limit = overdue / 10 < policy->spread ? overdue / 10 : policy->spread;
	return add_saturated(now, random_up_to(rng, limit));
}

/* ---- accounts ------------------------------------------------------------- */

void retry_account_release(struct retry_account *account)
{
	free(account->fingerprint);
	*account = (struct retry_account){.failures = 0};
}

void retry_account_failed(struct retry_account *account, const struct retry_decision *decision, const char *fingerprint)
{
	if (account->failures < UINT32_MAX)
		account->failures++;
	account->held = decision->action == RETRY_HOLD;
	account->since = decision->made;
	account->rate_limit = decision->rate_limit;
	account->due = decision->due; /* of GIVE_UP: 0, so the next message is tried */
	xreplace(&account->fingerprint, account->held ? fingerprint : NULL);
}

void retry_account_worked(struct retry_account *account)
{
	retry_account_release(account);
}

int64_t retry_account_due(const struct retry_policy *policy, const struct retry_account *account,
			  const char *fingerprint, int64_t now)
{
	bool changed = account->held &&
		       (!fingerprint || !account->fingerprint || strcmp(account->fingerprint, fingerprint) != 0);
	if (changed)
		return now;
	if (account->held && !account->due)
		return RETRY_NEVER;
	return account->due > latest_due(policy, now) ? now : account->due;
}

int64_t retry_account_due_for(const struct retry_policy *policy, const struct retry_account *account,
			      const char *fingerprint, int64_t arrival, int64_t now)
{
	int64_t due = retry_account_due(policy, account, fingerprint, now);
	if (!account->failures || account->held || account->rate_limit || arrival <= account->since)
		return due;
	int64_t soon = add_saturated(account->since, ASK_AGAIN);
	return soon < due ? soon : due;
}
