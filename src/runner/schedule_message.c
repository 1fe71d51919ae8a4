/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message of a round: claim, attempt, outcome, report, end. */
#include "runner/schedule_private.h"

#include "base/i18n.h"
#include "base/xalloc.h"

/* Seconds until a message that somebody else had, or the disk did not take, is looked at again. */
#define PAUSE_CLAIMED 60
#define PAUSE_DISK SCHEDULE_PAUSE_MAX

struct job {
	struct schedule *run;
	struct route *route;
	const struct schedule_filter *filter;
	struct spool_entry *entry;
	struct queue_item *item;
};

static void attempt_result_release(struct attempt_result *v)
{
	status_release(&v->status);
}

/* Says what the disk would not do.  Returns false. */
static bool disk_failed(struct job *j, const struct error *err)
{
	j->run->tally.unreadable++;
	j->run->ops->say(j->run->ops, j->item->id, err);
	schedule_pause(j->run, j->item->id, PAUSE_DISK);
	return false;
}

static bool store(struct job *j)
{
	AUTO(error) err = ERROR_INIT;
	return spool_update(j->entry, &err) || disk_failed(j, &err);
}

/* ---- the end of a message ----------------------------------------------------- */

/* Over: it goes.  What is in the way of that now may be gone later. */
static bool end(struct job *j)
{
	AUTO(error) err = ERROR_INIT;
	if (!j->run->ops->end(j->run->ops, j->entry, &err))
		return disk_failed(j, &err);
	j->run->tally.done++;
	return true;
}

/* All have it, and nobody wants to hear of it. */
static bool is_settled(const struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		if (item->rcpts[i].state != RCPT_ACCEPTED)
			return false;
	return !(item->mail.notify & NOTIFY_SUCCESS);
}

static bool any_failed(const struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		if (item->rcpts[i].state == RCPT_FAILED)
			return true;
	return false;
}

/* The message is damaged: it is held, the user hears of it, and the others go on. */
static void hold_damaged(struct job *j)
{
	AUTO(error) err = ERROR_INIT, what = ERROR_INIT;
	if (!spool_hold_damaged(j->entry, &err)) {
		(void)disk_failed(j, &err);
		return;
	}
	j->run->tally.unreadable++;
	status_copy(&what.status, &j->item->reason);
	j->run->ops->say(j->run->ops, j->item->id, &what);
	if (!j->run->ops->notify(j->run->ops, j->route, j->entry, &err))
		(void)disk_failed(j, &err);
}

/* The item is stored: sends the reports that are due, and ends what has ended. */
static void tell_and_end(struct job *j)
{
	AUTO(error) err = ERROR_INIT;
	bool told = j->run->ops->notify(j->run->ops, j->route, j->entry, &err);
	bool failed = any_failed(j->item);
	if (!told && err.status.kind == ERROR_DAMAGED) { /* a report would have to quote it */
		hold_damaged(j);
		return;
	}
	if (queue_item_pending(j->item)) {
		if (!told) /* next time, then */
			j->run->ops->say(j->run->ops, j->item->id, &err);
		j->run->tally.left++;
	} else if (!told) {
		(void)disk_failed(j, &err);
	} else if (end(j)) {
		j->run->tally.failed += failed;
	}
}

/* ---- the outcome of an attempt -------------------------------------------------- */

/* What becomes of the message: the best that any recipient may hope for. */
struct outlook {
	bool any;
	struct retry_decision decision;
	enum retry_scope scope;
};

/* LATER before HOLD: somebody may be served; the latest time of them respects a rate limit. */
static void consider(struct outlook *o, const struct retry_decision *d)
{
	if (d->scope == RETRY_ACCOUNT)
		o->scope = RETRY_ACCOUNT;
	if (d->verdict == RETRY_GIVE_UP)
		return;
	bool better = !o->any || (o->decision.verdict == RETRY_HOLD && d->verdict == RETRY_LATER) ||
		      (o->decision.verdict == d->verdict && d->due > o->decision.due);
	if (better)
		o->decision = *d;
	o->any = true;
}

static bool same_fault(const struct queue_rcpt *a, const struct queue_rcpt *b)
{
	const struct status *p = &a->status, *q = &b->status;
	return p->kind == q->kind && p->code == q->code && strcmp(p->enhanced, q->enhanced) == 0;
}

/* Each recipient by its own fault: one refused for good ends, another of the same message waits. */
static struct outlook decide(struct job *j, bool in_transaction, int64_t now)
{
	struct outlook o = {.scope = RETRY_MESSAGE,
			    .decision = {.verdict = RETRY_GIVE_UP, .age_from = j->item->age_from}};
	struct retry_decision d = o.decision;
	const struct queue_rcpt *last = NULL;
	for (size_t i = 0; i < j->item->n; i++) {
		struct queue_rcpt *rcpt = &j->item->rcpts[i];
		if (!queue_rcpt_pending(rcpt))
			continue;
		if (!last || !same_fault(last, rcpt)) {
			struct status why = rcpt->status; /* borrows its texts */
			if (why.kind == ERROR_NONE)
				why.kind = ERROR_SERVER_TEMPORARY;
			d = retry_after_attempt(&j->route->policy.retry, j->item, &why, in_transaction, now,
						j->run->rng);
		}
		last = rcpt;
		consider(&o, &d);
		if (d.verdict == RETRY_GIVE_UP)
			rcpt->state = RCPT_FAILED;
	}
	o.decision.age_from = d.age_from;
	return o;
}

/* Item and account after an attempt with recipients that are still pending.  True: the route is open for others. */
static bool apply(struct job *j, const struct attempt_result *v, int64_t now)
{
	struct outlook o = decide(j, v->in_transaction, now);
	retry_apply(&o.decision, j->item, j->route->fingerprint, &v->status);
	if (o.scope != RETRY_ACCOUNT || !o.any) /* of those given up, the next one finds out for itself */
		return true;
	retry_account_failed(&j->route->backoff, &o.decision, j->route->fingerprint);
	schedule_hang_up(j->run);
	return false;
}

/* ---- the attempt ------------------------------------------------------------- */

/* Nothing can be sent on this route: every recipient gets the reason, as if it had been tried. */
static void break_verdict(struct job *j, struct attempt_result *v, int64_t now)
{
	const struct error *why = &j->route->broken;
	j->run->ops->say(j->run->ops, j->item->id, why);
	status_copy(&v->status, &why->status);
	if (!v->status.text)
		v->status.text = xstrdup(_("the configuration cannot be used"));
	queue_item_set_status(j->item, now, &v->status);
}

static bool carry(struct job *j, struct attempt_result *v)
{
	struct schedule *run = j->run;
	j->item->in_flight = schedule_now(run);
	if (!store(j)) {
		j->item->in_flight = 0;
		return false;
	}
	j->route->next_ms = run->ops->now_ms(run->ops) + j->route->min_interval;
	run->connected = j->route;
	run->ops->attempt(run->ops, j->route, j->entry, v);
	j->item->in_flight = 0;
	if (j->route->max_messages && ++run->carried >= j->route->max_messages)
		schedule_hang_up(run);
	return true;
}

/* True: the route is open for others. */
static bool attempt(struct job *j)
{
	AUTO(attempt_result) v = {.in_transaction = false};
	struct queue_item *item = j->item;
	size_t pending = queue_item_pending(item);
	bool broken = j->route->broken.status.kind != ERROR_NONE;
	if (broken)
		break_verdict(j, &v, schedule_now(j->run));
	else if (!carry(j, &v))
		return true;
	int64_t now = schedule_now(j->run);
	if (v.status.kind == ERROR_DAMAGED) { /* nothing was sent */
		queue_item_note(item, now, &v.status);
		hold_damaged(j);
		return true;
	}
	queue_item_attempt(item, now, &v.status);
	if (queue_item_pending(item) < pending) /* accepted: nobody was given up yet */
		retry_account_worked(&j->route->backoff);
	if (is_settled(item) && end(j))
		return true;
	bool open = !queue_item_pending(item) || apply(j, &v, now);
	if (store(j))
		tell_and_end(j);
	return open;
}

/* ---- before it --------------------------------------------------------------- */

/* RFC 2852 section 4.1.4.1: by-mode R, and the time is over: it is returned, not sent. */
static bool by_time_is_over(const struct queue_item *item, int64_t now)
{
	const struct mail_params *r = &item->mail.params;
	return r->deliver_by && r->by_mode == BY_RETURN && now - item->arrival >= r->by_seconds;
}

static void expire(struct job *j, int64_t now)
{
	static const char text[] = N_("the time within which it was to be delivered (deliver_by) is over");
	const struct status late = {.kind = ERROR_TIMEOUT, .enhanced = "5.4.7", .text = (char *)_(text)};
	queue_item_set_status(j->item, now, &late);
	for (size_t i = 0; i < j->item->n; i++)
		if (queue_rcpt_pending(&j->item->rcpts[i]))
			j->item->rcpts[i].state = RCPT_FAILED;
	if (store(j))
		tell_and_end(j);
}

/* An attempt died with its process: it counts as one that failed, so the message waits before the next. */
static bool recover(struct job *j, int64_t now)
{
	if (!queue_item_recover(j->item))
		return true;
	struct outlook o = decide(j, true, now);
	retry_apply(&o.decision, j->item, NULL, NULL);
	if (!store(j))
		return false;
	j->run->ops->died(j->run->ops, j->route, j->entry);
	return true;
}

/* It is ours: is it still what we saw, and may it be tried? */
static bool still_wanted(struct job *j, const struct schedule_job *job, int64_t now)
{
	if (!schedule_allowed(j->item, now))
		return false;
	if (schedule_forced(j->filter))
		return j->item->attempts ==
		       job->attempts; /* else another runner has just done it, or it died: it waits */
	return schedule_item_due(j->route, j->item, now) <= now;
}

static bool work(struct job *j, const struct schedule_job *job)
{
	int64_t now = schedule_now(j->run);
	if (spool_entry_folder(j->entry) != SPOOL_NEW)
		return true;
	if (spool_entry_damaged(j->entry)) {
		hold_damaged(j);
		return true;
	}
	bool died = j->item->in_flight != 0;
	if (!recover(j, now))
		return true;
	if (!queue_item_pending(j->item)) {
		tell_and_end(j);
		return true;
	}
	if (died || !still_wanted(j, job, now)) {
		if (died)
			tell_and_end(j);
		else
			j->run->tally.left += schedule_forced(j->filter);
		return true;
	}
	if (by_time_is_over(j->item, now)) {
		expire(j, now);
		return true;
	}
	return attempt(j);
}

bool schedule_message(struct schedule *run, const struct schedule_job *job, const struct schedule_filter *filter)
{
	AUTO_PTR(spool_entry) entry = NULL;
	AUTO(error) err = ERROR_INIT;
	bool gone = false;
	int claimed = spool_claim(run->spool, job->id, &entry, &gone, &err);
	if (claimed < 0) {
		run->tally.unreadable++;
		run->ops->say(run->ops, job->id, &err);
	}
	if (claimed <= 0) {
		if (!gone)
			schedule_pause(run, job->id, claimed < 0 ? PAUSE_DISK : PAUSE_CLAIMED);
		return true;
	}
	struct job j = {run, job->route, filter, entry, spool_entry_item(entry)};
	return work(&j, job);
}
