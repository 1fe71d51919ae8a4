/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message of a round: claim, attempt, outcome, report, end. */
#include "runner/schedule_private.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "queue/account_wait.h"

/* Seconds until a message that another process claimed just before us, or that could not be stored, is looked at
 * again. */
#define PAUSE_CLAIMED 1
#define PAUSE_DISK SCHEDULE_PAUSE_MAX

struct job {
	struct schedule *s;
	struct route *route;
	const struct schedule_filter *filter;
	struct spool_entry *entry;
	struct queue_item *item;
	bool marked; /* attempt_mark() was called */
};

static void attempt_result_release(struct attempt_result *v)
{
	status_release(&v->status);
}

/* Reports the I/O error and backs off.  Always returns false. */
static bool disk_failed(struct job *j, const struct error *err)
{
	j->s->tally.unreadable++;
	j->s->ops->say(j->s->ops, j->item->id, err);
	schedule_pause(j->s, j->item->id, PAUSE_DISK);
	return false;
}

static bool store_job(struct job *j)
{
	AUTO(error) err = ERROR_INIT;
	return spool_update(j->entry, &err) || disk_failed(j, &err);
}

/* ---- the end of a message ----------------------------------------------------- */

/* Removes a message with nothing pending.  If that fails, it is tried again later. */
static bool end_message(struct job *j)
{
	AUTO(error) err = ERROR_INIT;
	if (!j->s->ops->end(j->s->ops, j->entry, &err))
		return disk_failed(j, &err);
	j->s->tally.done++;
	return true;
}

/* True if all recipients have it and no report about that was asked for. */
static bool is_settled(const struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		if (item->rcpts[i].state != RCPT_ACCEPTED ||
		    recipient_notify(&item->rcpts[i].who, &item->mail) & NOTIFY_SUCCESS)
			return false;
	return true;
}

static bool any_failed(const struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		if (item->rcpts[i].state == RCPT_FAILED)
			return true;
	return false;
}

/* Holds a damaged message and reports it. */
static void hold_damaged(struct job *j)
{
	AUTO(error) err = ERROR_INIT, what = ERROR_INIT;
	if (!spool_hold_damaged(j->entry, &err)) {
		(void)disk_failed(j, &err);
		return;
	}
	j->s->tally.unreadable++;
	status_copy(&what.status, &j->item->reason);
	j->s->ops->say(j->s->ops, j->item->id, &what);
	if (!j->s->ops->notify(j->s->ops, j->route, j->entry, &err))
		(void)disk_failed(j, &err);
}

/* Makes the reports that a process could not make before it died.  False: not now, and it is tried again later. */
static bool make_owed_reports(struct job *j)
{
	AUTO(error) err = ERROR_INIT;
	if (!j->s->ops->owes(j->s->ops, j->item) || j->s->ops->notify(j->s->ops, j->route, j->entry, &err))
		return true;
	if (err.status.kind == ERROR_DAMAGED)
		hold_damaged(j);
	else
		(void)disk_failed(j, &err);
	return false;
}

/* After the item was stored: sends the reports that are due, and ends the message if nothing is pending. */
static void notify_and_end(struct job *j)
{
	AUTO(error) err = ERROR_INIT;
	bool notified = j->s->ops->notify(j->s->ops, j->route, j->entry, &err);
	bool failed = any_failed(j->item);
	if (!notified && err.status.kind == ERROR_DAMAGED) { /* a report would have to quote it */
		hold_damaged(j);
		return;
	}
	if (queue_item_pending(j->item)) {
		if (!notified) /* it is tried again the next time */
			j->s->ops->say(j->s->ops, j->item->id, &err);
		j->s->tally.left++;
	} else if (!notified) {
		(void)disk_failed(j, &err);
	} else if (end_message(j)) {
		j->s->tally.failed += failed;
	}
}

/* ---- the outcome of an attempt -------------------------------------------------- */

static struct retry_decision decide(struct job *j, bool in_transaction, int64_t now)
{
	return attempt_decide(j->item, in_transaction, &j->route->policy.retry, now, j->s->rng);
}

static bool wants_fewer_sessions(const struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		if (queue_rcpt_pending(&item->rcpts[i]) && status_wants_fewer_sessions(&item->rcpts[i].status))
			return true;
	return false;
}

/* One of several workers has met a failure of the account.  As long as others are at work it may be that the server
 * does not want so many connections: this one leaves, and the last one finds out.  gives_back: the message goes to
 * another one, because nothing of it was sent.  True: it leaves. */
static bool leave_crew(struct job *j, bool gives_back)
{
	struct schedule *s = j->s;
	if (!s->worker)
		return false;
	s->news.crowded = true;
	crew_shrink(s->worker);
	return crew_leave(s->worker, gives_back);
}

/* Updates item and account after an attempt that left recipients pending.  True: the route may take other messages. */
static bool apply_decision(struct job *j, const struct attempt_result *v, int64_t now)
{
	struct retry_decision d = decide(j, v->in_transaction, now);
	bool crowded = wants_fewer_sessions(j->item);
	attempt_apply(&d, j->item, j->route->fingerprint, &v->status);
	if (d.scope != RETRY_ACCOUNT || d.action == RETRY_GIVE_UP) { /* given up: the next message is tried */
		if (crowded)
			(void)leave_crew(j, false);
		return true;
	}
	schedule_hang_up(j->s);
	if (crowded && leave_crew(j, false))
		return true;
	retry_account_failed(&j->route->backoff, &d, j->route->fingerprint);
	memcpy(j->route->finder, spool_entry_item(j->entry)->id, sizeof(j->route->finder));
	j->s->news.failed = true;
	j->s->news.decision = d;
	memcpy(j->s->news.finder, j->route->finder, sizeof(j->s->news.finder));
	return false;
}

/* ---- the attempt ------------------------------------------------------------- */

/* Nothing can be sent on this route: gives every recipient the reason, as after an attempt. */
static void take_broken(struct job *j, struct attempt_result *v, int64_t now)
{
	const struct error *why = &j->route->broken;
	j->s->ops->say(j->s->ops, j->item->id, why);
	status_copy(&v->status, &why->status);
	if (!v->status.text)
		v->status.text = xstrdup(_("the configuration cannot be used"));
	queue_item_set_status(j->item, now, &v->status);
}

/* False: the attempt could not be marked on disk, and nothing was sent. */
static bool send_message(struct job *j, struct attempt_result *v)
{
	struct schedule *s = j->s;
	j->route->next_ms = s->ops->now_ms(s->ops) + j->route->min_interval;
	s->connected = j->route;
	s->ops->attempt(s->ops, j->route, j->entry, v);
	j->marked = j->item->in_flight != 0;
	j->item->in_flight = 0;
	if (j->route->max_messages && ++s->carried >= j->route->max_messages)
		schedule_hang_up(s);
	if (!v->unmarked)
		return true;
	AUTO(error) err = ERROR_INIT;
	status_copy(&err.status, &v->status);
	return disk_failed(j, &err);
}

/* A run of chosen messages has found the server answering: the background runner may send the others. */
static void note_answer(struct job *j, bool accepted, bool in_transaction)
{
	if (accepted) /* none of these has been given up yet */
		retry_account_worked(&j->route->backoff);
	j->s->news.worked |= accepted;
	j->route->proven |= accepted || in_transaction;
	if ((!accepted && !in_transaction) || j->route->answered || !schedule_forced(j->filter) ||
	    j->filter->what == SCHEDULE_ALL)
		return;
	j->route->answered = j->s->news.answered = true;
	account_waits_end(j->s->spool, j->route->key, schedule_now(j->s));
}

/* Before MAIL the account failed in one of several workers: another one takes the message, as it was. */
static bool left_to_others(struct job *j, int64_t now)
{
	struct retry_decision d;
	if (!j->s->worker)
		return false;
	d = decide(j, false, now);
	if (d.scope != RETRY_ACCOUNT || d.action == RETRY_GIVE_UP || !leave_crew(j, true))
		return false;
	if (j->marked) /* MAIL was to go out with EHLO */
		(void)store_job(j);
	return true;
}

/* True: the route may take other messages. */
static bool attempt_message(struct job *j)
{
	AUTO(attempt_result) v = {.in_transaction = false};
	struct queue_item *item = j->item;
	size_t pending = queue_item_pending(item);
	bool broken = j->route->broken.status.kind != ERROR_NONE;
	if (broken)
		take_broken(j, &v, schedule_now(j->s));
	else if (!send_message(j, &v))
		return true;
	int64_t now = schedule_now(j->s);
	if (v.status.kind == ERROR_DAMAGED) { /* nothing was sent */
		queue_item_note(item, now, &v.status);
		hold_damaged(j);
		return true;
	}
	if (!v.in_transaction && queue_item_pending(item) == pending && left_to_others(j, now))
		return true;
	queue_item_attempt(item, now, &v.status);
	note_answer(j, queue_item_pending(item) < pending, v.in_transaction);
	if (is_settled(item) && end_message(j))
		return true;
	bool open = !queue_item_pending(item) || apply_decision(j, &v, now);
	if (store_job(j))
		notify_and_end(j);
	return open;
}

/* ---- before it --------------------------------------------------------------- */

/* RFC 2852 section 4.1.4.1: when the time of by-mode R is over, the message is returned, not sent. */
static bool by_time_is_over(const struct queue_item *item, int64_t now)
{
	const struct mail_params *r = &item->mail.params;
	return r->deliver_by && r->by_mode == BY_RETURN && now - item->arrival >= r->by_seconds;
}

static void give_up_message(struct job *j)
{
	for (size_t i = 0; i < j->item->n; i++)
		if (queue_rcpt_pending(&j->item->rcpts[i]))
			j->item->rcpts[i].state = RCPT_FAILED;
	if (store_job(j))
		notify_and_end(j);
}

static void expire_message(struct job *j, int64_t now)
{
	static const char text[] = N_("the time within which it was to be delivered (deliver_by) is over");
	const struct status late = {.kind = ERROR_TIMEOUT, .enhanced = "5.4.7", .text = (char *)_(text)};
	queue_item_set_status(j->item, now, &late);
	give_up_message(j);
}

/* An attempt that died with its process is treated as failed.  False: that could not be stored. */
static bool recover_message(struct job *j, int64_t now)
{
	if (!queue_item_recover(j->item))
		return true;
	struct retry_decision d = decide(j, true, now);
	attempt_apply(&d, j->item, NULL, NULL);
	if (!store_job(j))
		return false;
	j->s->ops->died(j->s->ops, j->route, j->entry);
	return true;
}

/* True if the message, which is claimed now, has not changed since it was read and may be tried. */
static bool still_wanted(struct job *j, const struct schedule_job *job, int64_t now)
{
	if (!schedule_allowed(j->item, now))
		return false;
	if (schedule_forced(j->filter) || job->along)
		return j->item->attempts == job->attempts; /* if not, another runner has just tried it */
	return schedule_item_due(j->route, j->item, now) <= now ||
	       retry_outlived(&j->route->policy.retry, j->item, now);
}

static bool work_on_message(struct job *j, const struct schedule_job *job)
{
	int64_t now = schedule_now(j->s);
	if (spool_entry_folder(j->entry) != SPOOL_NEW)
		return true;
	if (spool_entry_damaged(j->entry)) {
		hold_damaged(j);
		return true;
	}
	/* checked first, because recovering adds an attempt */
	bool died = j->item->in_flight != 0, wanted = still_wanted(j, job, now);
	if (!recover_message(j, now))
		return true;
	if (!queue_item_pending(j->item)) {
		notify_and_end(j);
		return true;
	}
	if (!make_owed_reports(j))
		return true;
	if (!wanted ||
	    (died && (!schedule_forced(j->filter) || j->s->since))) { /* one that died waits for its interval */
		if (died)
			notify_and_end(j);
		else
			j->s->tally.left += schedule_forced(j->filter) && schedule_allowed(j->item, now);
		return true;
	}
	if (by_time_is_over(j->item, now)) {
		expire_message(j, now);
		return true;
	}
	if (!schedule_forced(j->filter) && retry_outlived(&j->route->policy.retry, j->item, now) &&
	    !retry_changed(j->item, j->route->fingerprint)) {
		give_up_message(j); /* with the reasons of its last attempt */
		return true;
	}
	return attempt_message(j);
}

static bool claim_message(struct schedule *s, const struct schedule_job *job, const struct schedule_filter *filter)
{
	AUTO_PTR(spool_entry) entry = NULL;
	AUTO(error) err = ERROR_INIT;
	bool gone = false;
	int claimed = spool_claim(s->spool, job->id, &entry, &gone, &err);
	if (claimed < 0) {
		s->tally.unreadable++;
		s->ops->say(s->ops, job->id, &err);
	}
	if (claimed <= 0) {
		if (!gone)
			schedule_pause(s, job->id, claimed < 0 ? PAUSE_DISK : PAUSE_CLAIMED);
		return true;
	}
	struct job j = {s, job->route, filter, entry, spool_entry_item(entry), false};
	return work_on_message(&j, job);
}

bool schedule_message(struct schedule *s, const struct schedule_job *job, const struct schedule_filter *filter)
{
	schedule_take(s, job->id);
	bool open = claim_message(s, job, filter);
	schedule_take(s, NULL);
	return open;
}
