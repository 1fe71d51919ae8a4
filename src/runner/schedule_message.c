/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message of a round: claim, attempt, outcome, report, end.  Several attempts may be under way at once. */
#include "runner/schedule_private.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "queue/account_wait.h"

/* Seconds until a message that another process claimed just before us, or that could not be stored, is looked at
 * again. */
#define PAUSE_CLAIMED 1
#define PAUSE_DISK SCHEDULE_PAUSE_MAX

struct message_job {
	struct message_job *next; /* of the attempts under way */
	struct schedule *s;
	struct schedule_job *planned;
	struct route *route;
	const struct schedule_filter *filter;
	struct spool_entry *entry;
	struct queue_item *item;
	size_t pending; /* recipients, before the attempt */
	struct attempt_result result;
};

/* Reports the I/O error and backs off.  Always returns false. */
static bool disk_failed(struct message_job *j, const struct error *err)
{
	j->s->tally.unreadable++;
	j->s->ops->say(j->s->ops, j->item->id, err);
	schedule_pause(j->s, j->item->id, PAUSE_DISK);
	return false;
}

static bool store_job(struct message_job *j)
{
	AUTO(error) err = ERROR_INIT;
	return spool_update(j->entry, &err) || disk_failed(j, &err);
}

/* ---- the end of a message ----------------------------------------------------- */

/* Removes a message with nothing pending.  If that fails, it is tried again later. */
static bool end_message(struct message_job *j)
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
static void hold_damaged(struct message_job *j)
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
static bool make_owed_reports(struct message_job *j)
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
static void notify_and_end(struct message_job *j)
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

static struct retry_decision decide(struct message_job *j, bool in_transaction, int64_t now)
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
 * does not want so many connections: this one leaves, and the last one finds out.  True: it leaves. */
static bool leave_crew(struct message_job *j)
{
	struct schedule *s = j->s;
	if (!s->worker)
		return false;
	s->news.crowded = true;
	crew_shrink(s->worker);
	return crew_leave(s->worker);
}

/* Updates item and account after an attempt that left recipients pending.  True: the route may take other messages. */
static bool apply_decision(struct message_job *j, const struct attempt_result *v, int64_t now)
{
	struct retry_decision d = decide(j, v->in_transaction, now);
	bool crowded = wants_fewer_sessions(j->item);
	attempt_apply(&d, j->item, j->route->fingerprint, &v->status);
	if (d.scope != RETRY_ACCOUNT || d.action == RETRY_GIVE_UP) { /* given up: the next message is tried */
		if (crowded)
			(void)leave_crew(j);
		return true;
	}
	j->s->hangs_up = true;
	if (crowded && leave_crew(j))
		return true;
	retry_account_failed(&j->route->backoff, &d, j->route->fingerprint);
	memcpy(j->route->finder, spool_entry_item(j->entry)->id, sizeof(j->route->finder));
	j->s->news.failed = true;
	j->s->news.decision = d;
	memcpy(j->s->news.finder, j->route->finder, sizeof(j->s->news.finder));
	return false;
}

/* A run of chosen messages has found the server answering: the background runner may send the others. */
static void note_answer(struct message_job *j, bool accepted, bool in_transaction)
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

/* Before MAIL the account failed in one of several workers: another one takes the message. */
static bool left_to_others(struct message_job *j, int64_t now)
{
	if (!j->s->worker || j->result.in_transaction || queue_item_pending(j->item) != j->pending)
		return false;
	struct retry_decision d = decide(j, false, now);
	return d.scope == RETRY_ACCOUNT && d.action != RETRY_GIVE_UP && leave_crew(j);
}

/* Nothing can be sent on this route: gives every recipient the reason, as after an attempt. */
static void take_broken(struct message_job *j, int64_t now)
{
	const struct error *why = &j->route->broken;
	struct status *status = &j->result.status;
	j->s->ops->say(j->s->ops, j->item->id, why);
	status_copy(status, &why->status);
	if (!status->text)
		status->text = xstrdup(_("the configuration cannot be used"));
	queue_item_set_status(j->item, now, status);
}

/* Stores what came of an attempt.  True: it is to be made again, because nobody has got anything of the message. */
static bool take_result(struct message_job *j)
{
	AUTO(error) err = ERROR_INIT;
	const struct attempt_result *v = &j->result;
	struct queue_item *item = j->item;
	int64_t now = schedule_now(j->s);
	bool marked = item->in_flight != 0;
	item->in_flight = 0;
	if (v->unmarked) {
		status_copy(&err.status, &v->status);
		return disk_failed(j, &err);
	}
	if (v->status.kind == ERROR_DAMAGED) { /* nothing was sent */
		queue_item_note(item, now, &v->status);
		hold_damaged(j);
		return false;
	}
	if (v->returned || left_to_others(j, now))
		return !marked || store_job(j);
	queue_item_attempt(item, now, &v->status);
	note_answer(j, queue_item_pending(item) < j->pending, v->in_transaction);
	if (is_settled(item) && end_message(j))
		return false;
	if (queue_item_pending(item) && !apply_decision(j, v, now))
		j->route->closed = j->route->failed = true;
	if (store_job(j))
		notify_and_end(j);
	return false;
}

/* ---- before it --------------------------------------------------------------- */

/* RFC 2852 section 4.1.4.1: when the time of by-mode R is over, the message is returned, not sent. */
static bool by_time_is_over(const struct queue_item *item, int64_t now)
{
	const struct mail_params *r = &item->mail.params;
	return r->deliver_by && r->by_mode == BY_RETURN && now - item->arrival >= r->by_seconds;
}

static void give_up_message(struct message_job *j)
{
	for (size_t i = 0; i < j->item->n; i++)
		if (queue_rcpt_pending(&j->item->rcpts[i]))
			j->item->rcpts[i].state = RCPT_FAILED;
	if (store_job(j))
		notify_and_end(j);
}

static void expire_message(struct message_job *j, int64_t now)
{
	static const char text[] = N_("the time within which it was to be delivered (deliver_by) is over");
	const struct status late = {.kind = ERROR_TIMEOUT, .enhanced = "5.4.7", .text = (char *)_(text)};
	queue_item_set_status(j->item, now, &late);
	give_up_message(j);
}

/* An attempt that died with its process is treated as failed.  False: that could not be stored. */
static bool recover_message(struct message_job *j, int64_t now)
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
static bool still_wanted(struct message_job *j, int64_t now)
{
	if (!schedule_allowed(j->item, now))
		return false;
	if (schedule_forced(j->filter) || j->planned->along)
		return j->item->attempts == j->planned->attempts; /* if not, another runner has just tried it */
	return schedule_item_due(j->route, j->item, now) <= now ||
	       retry_outlived(&j->route->policy.retry, j->item, now);
}

/* What else is to be done is done.  True: and an attempt is to be made. */
static bool is_to_be_tried(struct message_job *j)
{
	int64_t now = schedule_now(j->s);
	if (spool_entry_folder(j->entry) != SPOOL_NEW)
		return false;
	if (spool_entry_damaged(j->entry)) {
		hold_damaged(j);
		return false;
	}
	/* checked first, because recovering adds an attempt */
	bool died = j->item->in_flight != 0, wanted = still_wanted(j, now);
	if (!recover_message(j, now))
		return false;
	if (!queue_item_pending(j->item)) {
		notify_and_end(j);
		return false;
	}
	if (!make_owed_reports(j))
		return false;
	if (!wanted ||
	    (died && (!schedule_forced(j->filter) || j->s->since))) { /* one that died waits for its interval */
		if (died)
			notify_and_end(j);
		else
			j->s->tally.left += schedule_forced(j->filter) && schedule_allowed(j->item, now);
		return false;
	}
	if (by_time_is_over(j->item, now)) {
		expire_message(j, now);
		return false;
	}
	if (!schedule_forced(j->filter) && retry_outlived(&j->route->policy.retry, j->item, now) &&
	    !retry_changed(j->item, j->route->fingerprint)) {
		give_up_message(j); /* with the reasons of its last attempt */
		return false;
	}
	return true;
}

/* ---- from its turn to its end ------------------------------------------------ */

/* again: it is to have another turn. */
static void end_turn(struct schedule *s, struct schedule_job *planned, bool again)
{
	size_t place = (size_t)(planned - s->jobs);
	if (s->worker) {
		(again ? crew_give_back : crew_done)(s->worker, planned->number);
	} else if (again) {
		planned->done = false;
		if (place < planned->route->next)
			planned->route->next = place;
	}
}

static void end_job(struct message_job *j, bool again)
{
	struct schedule *s = j->s;
	struct schedule_job *planned = j->planned;
	status_release(&j->result.status);
	spool_entry_free(j->entry);
	free(j);
	end_turn(s, planned, again);
}

static void append(struct schedule *s, struct message_job *j)
{
	struct message_job **place = &s->oldest;
	while (*place)
		place = &(*place)->next;
	*place = j;
}

static void take_out(struct schedule *s, const struct message_job *j)
{
	struct message_job **place = &s->oldest;
	while (*place != j)
		place = &(*place)->next;
	*place = j->next;
}

/* If this process crashes, it is most likely because of the message that has its turn, else of the oldest. */
static void note_at_hand(struct schedule *s)
{
	schedule_take(s, s->beginning ? s->beginning : s->oldest ? s->oldest->item->id : NULL);
}

static void attempt_over(void *arg)
{
	struct message_job *j = arg;
	struct schedule *s = j->s;
	schedule_take(s, j->item->id);
	bool again = take_result(j);
	take_out(s, j);
	end_job(j, again);
	note_at_hand(s);
}

/* One that may have been delivered goes alone: whatever went wrong with it is not to happen to others, too. */
static bool goes_alone(const struct message_job *j)
{
	for (size_t i = 0; i < j->item->n; i++)
		if (queue_rcpt_pending(&j->item->rcpts[i]) && j->item->rcpts[i].possible_duplicate)
			return true;
	return j->route->pipeline < 2;
}

static void begin_attempt(struct message_job *j)
{
	struct schedule *s = j->s;
	struct route *route = j->route;
	bool alone = goes_alone(j);
	if (alone)
		schedule_settle(s);
	if (route->closed || s->hangs_up) { /* as another attempt has shown meanwhile */
		end_job(j, true);
		return;
	}
	j->pending = queue_item_pending(j->item);
	append(s, j);
	if (route->broken.status.kind != ERROR_NONE) {
		take_broken(j, schedule_now(s));
		attempt_over(j);
		return;
	}
	route->next_ms = s->ops->now_ms(s->ops) + route->min_interval;
	s->connected = route;
	s->hangs_up = route->max_messages && ++s->carried >= route->max_messages;
	s->ops->attempt(s->ops, route, j->entry, &j->result, attempt_over, j); /* j may be over now */
	if (alone)
		schedule_settle(s);
}

static struct spool_entry *claim(struct schedule *s, const struct schedule_job *planned)
{
	AUTO(error) err = ERROR_INIT;
	struct spool_entry *entry = NULL;
	bool gone = false;
	int claimed = spool_claim(s->spool, planned->id, &entry, &gone, &err);
	if (claimed < 0) {
		s->tally.unreadable++;
		s->ops->say(s->ops, planned->id, &err);
	}
	if (claimed <= 0 && !gone)
		schedule_pause(s, planned->id, claimed < 0 ? PAUSE_DISK : PAUSE_CLAIMED);
	return claimed > 0 ? entry : NULL;
}

static struct message_job job_make(struct schedule *s, struct schedule_job *planned,
				   const struct schedule_filter *filter, struct spool_entry *entry)
{
	return (struct message_job){.s = s,
				    .planned = planned,
				    .route = planned->route,
				    .filter = filter,
				    .entry = entry,
				    .item = spool_entry_item(entry)};
}

static void take_turn(struct schedule *s, struct schedule_job *planned, const struct schedule_filter *filter)
{
	struct spool_entry *entry = claim(s, planned);
	if (!entry) {
		end_turn(s, planned, false);
		return;
	}
	struct message_job *j = xcalloc(1, sizeof(*j));
	*j = job_make(s, planned, filter, entry);
	if (is_to_be_tried(j))
		begin_attempt(j);
	else
		end_job(j, false);
}

void schedule_message(struct schedule *s, struct schedule_job *planned, const struct schedule_filter *filter)
{
	planned->done = true;
	s->beginning = planned->id;
	note_at_hand(s);
	take_turn(s, planned, filter);
	s->beginning = NULL;
	note_at_hand(s);
}

void schedule_recover(struct schedule *s, struct schedule_job *planned)
{
	schedule_take(s, planned->id);
	AUTO_PTR(spool_entry) entry = claim(s, planned);
	if (entry && spool_entry_folder(entry) == SPOOL_NEW && !spool_entry_damaged(entry)) {
		struct message_job j = job_make(s, planned, NULL, entry);
		(void)recover_message(&j, schedule_now(s));
	}
	schedule_take(s, NULL);
}
