/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/schedule_private.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <stdio.h>

/* How long an idle connection stays open for the next message of a route with a min_interval, in milliseconds. */
#define IDLE_CONNECTION 10000
/* A min_interval up to this is waited for before other routes are served. */
#define SHORT_INTERVAL 1000
/* A message that another process has claimed is looked at again when that ends its claim, which wakes us; where that
 * cannot be seen, after so many seconds. */
#define LOOK_AGAIN 60

struct schedule *schedule_new(struct spool *spool, const struct schedule_ops *ops, const struct rng *rng)
{
	struct schedule *s = xcalloc(1, sizeof(*s));
	*s = (struct schedule){.spool = spool, .ops = ops, .rng = rng};
	return s;
}

void schedule_free(struct schedule *s)
{
	if (!s)
		return;
	schedule_hang_up(s);
	free(s->routes);
	free(s->jobs);
	free(s->pauses);
	free(s);
}

void schedule_follow(struct schedule *s, char *id, int64_t since)
{
	s->at_hand = id;
	s->since = since;
}

void schedule_take(struct schedule *s, const char *id)
{
	if (s->at_hand)
		(void)snprintf(s->at_hand, SPOOL_ID_LEN + 1, "%s", id ? id : "");
}

const struct schedule_tally *schedule_tally(const struct schedule *s)
{
	return &s->tally;
}

void schedule_settle(struct schedule *s)
{
	if (s->oldest)
		s->ops->settle(s->ops);
}

void schedule_make_room(struct schedule *s)
{
	if (s->hangs_up)
		schedule_hang_up(s);
	else if (s->oldest)
		s->ops->make_room(s->ops);
}

void schedule_hang_up(struct schedule *s)
{
	schedule_settle(s);
	if (s->connected)
		s->ops->hang_up(s->ops);
	s->connected = NULL;
	s->carried = 0;
	s->hangs_up = false;
}

/* ---- pauses --------------------------------------------------------------- */

void schedule_pause(struct schedule *s, const char *id, int64_t seconds)
{
	struct schedule_pause pause = {.until = schedule_now(s) + seconds};
	memcpy(pause.id, id, sizeof(pause.id));
	GROW(s->pauses, s->n_pauses, s->cap_pauses);
	s->pauses[s->n_pauses++] = pause;
}

static void end_pauses(struct schedule *s, int64_t now)
{
	size_t left = 0;
	for (size_t i = 0; i < s->n_pauses; i++)
		if (s->pauses[i].until > now &&
		    s->pauses[i].until <= now + SCHEDULE_PAUSE_MAX) /* further off: the clock was set back */
			s->pauses[left++] = s->pauses[i];
	s->n_pauses = left;
}

static int64_t paused_until(const struct schedule *s, const char *id)
{
	int64_t until = 0;
	for (size_t i = 0; i < s->n_pauses; i++)
		if (strcmp(s->pauses[i].id, id) == 0 && s->pauses[i].until > until)
			until = s->pauses[i].until;
	return until;
}

/* ---- reading ---------------------------------------------------------------- */

static void note_route(struct schedule *s, struct route *route)
{
	for (size_t i = 0; i < s->n_routes; i++)
		if (s->routes[i] == route)
			return;
	GROW(s->routes, s->n_routes, s->cap_routes);
	s->routes[s->n_routes++] = route;
	route->holds = route->waits = route->asked = route->closed = route->failed = false;
	route->limited_until = 0;
}

/*
 * A message that is held for a failure of its account holds the others, too: a runner that starts must not find out
 * once more, with the next message, that a password is wrong.
 */
static void learn_from_held(struct route *route, const struct queue_item *item)
{
	if (route->backoff.failures || !retry_holds_account(item) || retry_changed(item, route->fingerprint))
		return;
	retry_account_failed(&route->backoff, &(struct retry_decision){.action = RETRY_HOLD}, item->fingerprint);
}

/* A server wants us to come less often: a new message must not make a runner that starts ask it before that time. */
static void learn_from_rate_limit(struct route *route, const struct queue_item *item, int64_t now)
{
	int64_t over = retry_limits_account(item, now) ? retry_along(&route->policy.retry, item) : 0;
	if (over > route->limited_until)
		route->limited_until = over;
}

static bool contains_nocase(const char *text, const char *part)
{
	struct span t = span_of(text ? text : ""), p = span_of(part);
	for (size_t i = 0; i + p.len <= t.len; i++)
		if (span_equal_nocase(span_sub(t, i, i + p.len), p))
			return true;
	return false;
}

static bool has_recipient(const struct queue_item *item, const char *part)
{
	for (size_t i = 0; i < item->n; i++) {
		enum rcpt_state state = item->rcpts[i].state;
		if ((state == RCPT_OPEN || state == RCPT_UNCERTAIN) &&
		    contains_nocase(item->rcpts[i].who.address.given, part))
			return true;
	}
	return false;
}

static bool is_chosen(const struct schedule_filter *filter, const char *id, const struct queue_item *item)
{
	switch (filter->what) {
	case SCHEDULE_ID: return contains_nocase(id, filter->text);
	case SCHEDULE_RECIPIENT: return has_recipient(item, filter->text);
	case SCHEDULE_SENDER: return contains_nocase(item->mail.sender.given, filter->text);
	case SCHEDULE_IDS: return strvec_has(filter->ids, id);
	default: return true;
	}
}

static bool is_damaged(const struct queue_item *item)
{
	return item->state == QUEUE_HELD && item->hold == HOLD_DAMAGED;
}

bool schedule_allowed(const struct queue_item *item, int64_t now)
{
	if (is_damaged(item))
		return false;
	if (!queue_item_pending(item))
		return true;
	return item->state != QUEUE_FAILED && !(item->state == QUEUE_HELD && item->hold == HOLD_USER) &&
	       item->not_before <= now;
}

bool schedule_chooses(const struct schedule_filter *filter, const struct queue_item *item, int64_t now)
{
	bool named = filter->what == SCHEDULE_ID || filter->what == SCHEDULE_IDS;
	return is_chosen(filter, item->id, item) && (named || schedule_allowed(item, now));
}

/* True if all that is left is to end the message (after a crash), or if an attempt died. */
static bool is_unfinished(const struct queue_item *item)
{
	return !is_damaged(item) && (!queue_item_pending(item) || item->in_flight);
}

int64_t schedule_item_due(const struct route *route, const struct queue_item *item, int64_t now)
{
	if (is_unfinished(item))
		return now;
	if (retry_changed(item, route->fingerprint))
		return item->not_before > now ? item->not_before : now;
	return retry_due(&route->policy.retry, item, now);
}

static int64_t later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What was read of a message.  All are read before any is chosen, because one may hold the others. */
struct look {
	struct route *route; /* NULL: the message is gone or cannot be read */
	int64_t due;	     /* of the message itself */
	int64_t along;	     /* when it may go with others of its route */
	int64_t arrival;
	unsigned attempts;
	int priority;
	bool chosen, allowed, unfinished, claimed;
};

/* When the route's rate allows the next attempt, in milliseconds. */
static int64_t rate_allows(const struct schedule *s, struct route *route)
{
	int64_t latest = s->ops->now_ms(s->ops) + route->min_interval;
	if (route->next_ms > latest) /* the clock was set back */
		route->next_ms = latest;
	return route->next_ms;
}

/* When the message may be tried, in seconds, taking account, rate and pauses into consideration. */
static int64_t effective_due(struct schedule *s, const struct look *look, const char *id, int64_t now)
{
	struct route *route = look->route;
	int64_t due = look->due;
	if (due == RETRY_NEVER)
		return due;
	if (!look->unfinished) {
		due = later_of(due, retry_account_due_for(&route->policy.retry, &route->backoff, route->fingerprint,
							  look->arrival, now));
		if (!look->attempts)
			due = later_of(due, route->limited_until);
		int64_t allowed = rate_allows(s, route);
		if (due != RETRY_NEVER && allowed > s->ops->now_ms(s->ops))
			due = later_of(due, (allowed + 999) / 1000);
	}
	return later_of(due, paused_until(s, id));
}

static void add_job(struct schedule *s, const char *id, const struct look *look, bool along)
{
	struct route *route = look->route;
	struct schedule_job job = {
		.route = route, .attempts = look->attempts, .along = along, .priority = look->priority};
	memcpy(job.id, id, sizeof(job.id));
	GROW(s->jobs, s->n_jobs, s->cap_jobs);
	s->jobs[s->n_jobs++] = job;
}

/* True if it was tried already in this run, before another process crashed. */
static bool had_its_turn(const struct schedule *s, const struct queue_item *item)
{
	return s->since && item->n_history && item->history[item->n_history - 1].when >= s->since;
}

static void look_at(struct schedule *s, const char *id, const struct schedule_filter *filter, bool quiet,
		    struct look *look)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	int64_t now = schedule_now(s);
	*look = (struct look){.route = NULL};
	struct spool_stat where;
	int found = spool_read(s->spool, id, &item, &where, &err);
	if (found < 0 && !quiet) {
		s->tally.unreadable++;
		s->ops->say(s->ops, id, &err);
	}
	if (found <= 0)
		return;
	struct route *route = look->route = s->ops->route(s->ops, &item);
	note_route(s, route);
	learn_from_held(route, &item);
	learn_from_rate_limit(route, &item, now);
	route->holds |= item.state == QUEUE_HELD && item.hold == HOLD_CONFIG;
	route->waits |= strcmp(id, route->finder) == 0 && item.due >= route->backoff.due;
	bool outlived = retry_outlived(&route->policy.retry, &item, now) && !retry_changed(&item, route->fingerprint);
	bool at_once = where.damaged || (outlived && !where.claimed) ||
		       (!where.claimed && !is_damaged(&item) && s->ops->owes(s->ops, &item));
	look->due = at_once ? now : schedule_item_due(route, &item, now);
	look->along = retry_along(&route->policy.retry, &item);
	look->arrival = item.arrival;
	look->attempts = item.attempts;
	look->priority = item.mail.params.has_priority ? item.mail.params.priority : 0;
	look->claimed = where.claimed;
	look->chosen = is_chosen(filter, id, &item);
	if (look->chosen && schedule_forced(filter) && had_its_turn(s, &item)) {
		look->chosen = false;
		s->tally.left++;
	}
	look->allowed = at_once || schedule_allowed(&item, now);
	look->unfinished = at_once || is_unfinished(&item);
}

static void read_look(struct schedule *s, const char *id, const struct schedule_filter *filter, bool quiet,
		      struct look *look)
{
	schedule_take(s, id);
	look_at(s, id, filter, quiet, look);
	schedule_take(s, NULL);
}

/* Finds out what is due; *next: when there is something to do. */
static void note_due(struct schedule *s, const char *id, struct look *look, int64_t *next)
{
	int64_t now = schedule_now(s);
	if (!look->route || !look->chosen)
		return;
	look->due = effective_due(s, look, id, now);
	if (look->claimed && look->due != RETRY_NEVER)
		look->due = later_of(look->due, now + LOOK_AGAIN);
	look->route->asked |= look->due <= now && !look->unfinished;
	if (look->due < *next)
		*next = look->due;
}

static void choose_job(struct schedule *s, const struct schedule_filter *filter, const char *id,
		       const struct look *look)
{
	int64_t now = schedule_now(s);
	if (!look->route || !look->chosen)
		return;
	bool due = look->due <= now;
	if (schedule_forced(filter) ? look->allowed : due)
		add_job(s, id, look, false);
	else if (!schedule_forced(filter) && look->route->asked && look->allowed && !look->claimed &&
		 look->along <= now && paused_until(s, id) <= now)
		add_job(s, id, look, true);
}

static void begin_round(struct schedule *s)
{
	s->n_jobs = 0;
	end_pauses(s, schedule_now(s));
	s->ops->refresh(s->ops);
	for (size_t i = 0; i < s->n_routes; i++) {
		struct route *route = s->routes[i];
		route->holds = route->waits = route->asked = route->closed = route->failed = false;
		route->limited_until = 0;
		route->proven = false;
	}
}

/* If the message for which the others waited was released, sent or removed, the others may be tried.  After a rate
 * limit they wait all the same. */
static void release_routes(struct schedule *s)
{
	for (size_t i = 0; i < s->n_routes; i++) {
		struct route *route = s->routes[i];
		const struct retry_account *backoff = &route->backoff;
		if (backoff->held ? !route->holds : backoff->failures && !backoff->rate_limit && !route->waits)
			retry_account_worked(&route->backoff);
	}
}

/* Fills jobs with what is to be done now; *next is when there is something to do, in seconds. */
static bool gather_jobs(struct schedule *s, const struct schedule_filter *filter, bool quiet, int64_t *next,
			struct error *err)
{
	AUTO(strvec) ids = STRVEC_INIT;
	*next = RETRY_NEVER;
	begin_round(s);
	if (!spool_list(s->spool, SPOOL_NEW, &ids, err))
		return false;
	AUTO_FREE struct look *looks = ids.n ? xcalloc(ids.n, sizeof(*looks)) : NULL;
	for (size_t i = 0; i < ids.n; i++)
		read_look(s, ids.v[i], filter, quiet, &looks[i]);
	release_routes(s);
	for (size_t i = 0; i < ids.n; i++)
		note_due(s, ids.v[i], &looks[i], next);
	for (size_t i = 0; i < ids.n; i++)
		choose_job(s, filter, ids.v[i], &looks[i]);
	return true;
}

bool schedule_next(struct schedule *s, int64_t *next, struct error *err)
{
	int64_t seconds;
	if (!gather_jobs(s, &(struct schedule_filter){.what = SCHEDULE_DUE}, true, &seconds, err))
		return false;
	*next = seconds == RETRY_NEVER ? RETRY_NEVER : seconds * 1000;
	return true;
}

/* ---- a round ------------------------------------------------------------------ */

/* Waits until the route's rate allows an attempt, if that is soon or patient is true; false: other routes first. */
static bool wait_for_rate(struct schedule *s, struct route *route, bool patient)
{
	int64_t now = s->ops->now_ms(s->ops);
	if (rate_allows(s, route) <= now)
		return true;
	if (!patient && route->next_ms - now > SHORT_INTERVAL)
		return false;
	if (route->next_ms - now > IDLE_CONNECTION)
		schedule_hang_up(s);
	while (rate_allows(s, route) > s->ops->now_ms(s->ops) && !s->ops->stopped(s->ops))
		if (!s->ops->wait(s->ops, route->next_ms, false))
			return false;
	return true;
}

/* The message whose turn it is; end: none before that place. */
static size_t next_job(const struct schedule *s, struct route *route, size_t end)
{
	size_t i = route->next;
	while (i < end && (s->jobs[i].route != route || s->jobs[i].done))
		i++;
	return route->next = i;
}

/* False: none can be begun at the moment. */
static bool begin_job(struct schedule *s, struct route *route, const struct schedule_filter *filter, bool patient,
		      size_t end)
{
	size_t i = next_job(s, route, end);
	if (i == end || schedule_crew(s, route, filter, end))
		return false;
	if (s->jobs[i].done || route->closed) /* both may have changed in the meantime */
		return true;
	if (!wait_for_rate(s, route, patient)) {
		route->closed = true;
		return false;
	}
	if (s->connected && s->connected != route)
		schedule_hang_up(s);
	schedule_message(s, &s->jobs[i], filter);
	schedule_make_room(s);
	return true;
}

/* Its messages before the place end. */
static void run_route(struct schedule *s, struct route *route, const struct schedule_filter *filter, bool patient,
		      size_t end)
{
	do {
		while (!route->closed && !s->ops->stopped(s->ops) && begin_job(s, route, filter, patient, end))
			;
		schedule_settle(s); /* some may be returned */
	} while (!route->closed && !s->ops->stopped(s->ops) && next_job(s, route, end) < end);
	for (size_t j = 0; route->failed && j < s->n_jobs; j++) /* these wait for the account */
		s->tally.left += s->jobs[j].route == route && !s->jobs[j].done;
}

/* Those of one priority: one route after the other, the one with the oldest message first. */
static void run_priority(struct schedule *s, const struct schedule_filter *filter, bool patient, size_t begin,
			 size_t end)
{
	for (size_t i = 0; i < s->n_routes; i++)
		s->routes[i]->next = SIZE_MAX;
	for (size_t i = begin; i < end && !s->ops->stopped(s->ops); i++) {
		struct route *route = s->jobs[i].route;
		if (route->next != SIZE_MAX || route->closed)
			continue;
		route->next = i;
		run_route(s, route, filter, patient, end);
	}
}

/* The higher priority first; within one, the older message. */
static int by_priority(const void *a, const void *b)
{
	const struct schedule_job *x = a, *y = b;
	return x->priority != y->priority ? y->priority - x->priority : spool_id_compare(x->id, y->id);
}

/* RFC 6710 section 5.1: what has a higher priority goes before what has a lower one. */
static void run_jobs(struct schedule *s, const struct schedule_filter *filter, bool patient)
{
	if (s->n_jobs)
		qsort(s->jobs, s->n_jobs, sizeof(*s->jobs), by_priority);
	for (size_t begin = 0, end; begin < s->n_jobs; begin = end) {
		for (end = begin; end < s->n_jobs && s->jobs[end].priority == s->jobs[begin].priority;)
			end++;
		run_priority(s, filter, patient, begin, end);
	}
}

bool schedule_once(struct schedule *s, const struct schedule_filter *filter, struct error *err)
{
	int64_t next;
	if (!gather_jobs(s, filter, false, &next, err))
		return false;
	run_jobs(s, filter, true);
	schedule_hang_up(s);
	s->since = 0;
	return true;
}

/* After a sleep of the machine its messages are overdue, like those of many others: waits for a random time. */
static bool begin_gently(struct schedule *s, int64_t due)
{
	int64_t now = schedule_now(s), start = retry_after_sleep(&retry_policy_default, now - due, now, s->rng);
	while (start > schedule_now(s) &&
	       start - schedule_now(s) <= retry_policy_default.spread) /* more: the clock was set back */
		if (!s->ops->wait(s->ops, start * 1000, false))
			return false;
	return true;
}

/* Watches for what ends the holds.  1: something is held; 0: nothing is; -1: something has changed already. */
static int watch_held(struct schedule *s)
{
	bool any = false, same = true;
	for (size_t i = 0; i < s->n_routes; i++) {
		if (!s->routes[i]->holds)
			continue;
		any = true;
		same &= s->ops->watch(s->ops, s->routes[i]);
	}
	return same ? any : -1;
}

/* Waits until then, or until something changes that may end a hold.  False: end now. */
static bool wait_for_work(struct schedule *s, int64_t next)
{
	int held = watch_held(s);
	int64_t until = next;
	if (held < 0)
		return true;
	if (held && next > schedule_now(s) + SCHEDULE_LOOK)
		until = schedule_now(s) + SCHEDULE_LOOK;
	if (until == RETRY_NEVER)
		return false;
	if (until * 1000 - s->ops->now_ms(s->ops) > IDLE_CONNECTION)
		schedule_hang_up(s);
	return s->ops->wait(s->ops, until * 1000, true) && (until < next || begin_gently(s, until));
}

bool schedule_until_empty(struct schedule *s, struct error *err)
{
	static const struct schedule_filter due_only = {.what = SCHEDULE_DUE};
	for (int64_t next; !s->ops->stopped(s->ops);) {
		if (!gather_jobs(s, &due_only, false, &next, err))
			return false;
		if (s->n_jobs) {
			run_jobs(s, &due_only, false);
			continue;
		}
		if (!wait_for_work(s, next))
			break;
	}
	schedule_hang_up(s);
	return true;
}
