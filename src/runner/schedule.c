/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/schedule_private.h"

#include "base/i18n.h"
#include "base/xalloc.h"

/* A connection that has nothing to do is kept so long, in milliseconds: for the next message of a way with a rate. */
#define KEEP_CONNECTION 10000
/* min_interval up to this is waited out on the spot, though others may have arrived. */
#define SHORT_INTERVAL 1000

struct schedule *schedule_new(struct spool *spool, const struct schedule_ops *ops, const struct rng *rng)
{
	struct schedule *run = xcalloc(1, sizeof(*run));
	*run = (struct schedule){.spool = spool, .ops = ops, .rng = rng};
	return run;
}

void schedule_free(struct schedule *run)
{
	if (!run)
		return;
	schedule_hang_up(run);
	free(run->routes);
	free(run->jobs);
	free(run->pauses);
	free(run);
}

const struct schedule_tally *schedule_tally(const struct schedule *run)
{
	return &run->tally;
}

void schedule_hang_up(struct schedule *run)
{
	if (run->connected)
		run->ops->hang_up(run->ops);
	run->connected = NULL;
	run->carried = 0;
}

/* ---- pauses --------------------------------------------------------------- */

void schedule_pause(struct schedule *run, const char *id, int64_t seconds)
{
	struct schedule_pause pause = {.until = schedule_now(run) + seconds};
	memcpy(pause.id, id, sizeof(pause.id));
	GROW(run->pauses, run->n_pauses, run->cap_pauses);
	run->pauses[run->n_pauses++] = pause;
}

static void forget_pauses(struct schedule *run, int64_t now)
{
	size_t kept = 0;
	for (size_t i = 0; i < run->n_pauses; i++)
		if (run->pauses[i].until > now &&
		    run->pauses[i].until <= now + SCHEDULE_PAUSE_MAX) /* further off: the clock was set back */
			run->pauses[kept++] = run->pauses[i];
	run->n_pauses = kept;
}

static int64_t paused_until(const struct schedule *run, const char *id)
{
	int64_t until = 0;
	for (size_t i = 0; i < run->n_pauses; i++)
		if (strcmp(run->pauses[i].id, id) == 0 && run->pauses[i].until > until)
			until = run->pauses[i].until;
	return until;
}

/* ---- looking ---------------------------------------------------------------- */

static void note_route(struct schedule *run, struct route *route)
{
	for (size_t i = 0; i < run->n_routes; i++)
		if (run->routes[i] == route)
			return;
	GROW(run->routes, run->n_routes, run->cap_routes);
	run->routes[run->n_routes++] = route;
	route->first = SIZE_MAX;
	route->holds = false;
}

/*
 * A message that is held for its account's fault speaks for the others, too: a runner that
 * starts must not find out once more, with the next message, that a password is wrong.
 */
static void learn_from_held(struct schedule *run, struct route *route, const struct queue_item *item, int64_t now)
{
	if (route->backoff.failures || item->state != QUEUE_HELD || item->hold != HOLD_CONFIG || item->due ||
	    !item->n_history)
		return;
	const struct history_line *last = &item->history[item->n_history - 1];
	if (last->status.kind == ERROR_NONE || retry_mended(item, route->fingerprint))
		return;
	struct retry_decision d = retry_after_attempt(&route->policy.retry, item, &last->status, false, now, run->rng);
	if (d.scope == RETRY_ACCOUNT && d.verdict == RETRY_HOLD && !d.due)
		retry_account_failed(&route->backoff, &d, item->fingerprint);
}

static bool part_of(const char *text, const char *part)
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
		if ((state == RCPT_OPEN || state == RCPT_UNCERTAIN) && part_of(item->rcpts[i].who.address.given, part))
			return true;
	}
	return false;
}

static bool chosen(const struct schedule_filter *filter, const char *id, const struct queue_item *item)
{
	switch (filter->what) {
	case SCHEDULE_ID: return part_of(id, filter->text);
	case SCHEDULE_RECIPIENT: return has_recipient(item, filter->text);
	case SCHEDULE_SENDER: return part_of(item->mail.sender.given, filter->text);
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

/* Nothing but the end is left to do (a crash came between), or an attempt died. */
static bool is_unfinished(const struct queue_item *item)
{
	return !is_damaged(item) && (!queue_item_pending(item) || item->in_flight);
}

int64_t schedule_item_due(const struct route *route, const struct queue_item *item, int64_t now)
{
	if (is_unfinished(item))
		return now;
	if (retry_mended(item, route->fingerprint))
		return item->not_before > now ? item->not_before : now;
	return retry_due(&route->policy.retry, item, now);
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* What a look at a message told: all that is held must be known before the first one is judged. */
struct look {
	struct route *route; /* NULL: the message is gone or cannot be read */
	int64_t due;	     /* of the message itself */
	unsigned attempts;
	bool chosen, allowed, unfinished;
};

/* When the route's rate allows the next attempt, in milliseconds. */
static int64_t rate_allows(const struct schedule *run, struct route *route)
{
	int64_t latest = run->ops->now_ms(run->ops) + route->min_interval;
	if (route->next_ms > latest) /* the clock was set back */
		route->next_ms = latest;
	return route->next_ms;
}

/* Seconds; also in view of the account, the rate and a pause. */
static int64_t effective_due(struct schedule *run, const struct look *look, const char *id, int64_t now)
{
	struct route *route = look->route;
	int64_t due = look->due;
	if (due == RETRY_NEVER)
		return due;
	if (!look->unfinished) {
		due = later(due, retry_account_due(&route->policy.retry, &route->backoff, route->fingerprint, now));
		int64_t allowed = rate_allows(run, route);
		if (due != RETRY_NEVER && allowed > run->ops->now_ms(run->ops))
			due = later(due, (allowed + 999) / 1000);
	}
	return later(due, paused_until(run, id));
}

static void add_job(struct schedule *run, const char *id, struct route *route, unsigned attempts)
{
	struct schedule_job job = {.route = route, .attempts = attempts};
	memcpy(job.id, id, sizeof(job.id));
	if (route->first == SIZE_MAX)
		route->first = run->n_jobs;
	GROW(run->jobs, run->n_jobs, run->cap_jobs);
	run->jobs[run->n_jobs++] = job;
}

static void look_at(struct schedule *run, const char *id, const struct schedule_filter *filter, bool quiet,
		    struct look *look)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	int64_t now = schedule_now(run);
	*look = (struct look){.route = NULL};
	struct spool_stat where;
	int found = spool_read(run->spool, id, &item, &where, &err);
	if (found < 0 && !quiet) {
		run->tally.unreadable++;
		run->ops->say(run->ops, id, &err);
	}
	if (found <= 0)
		return;
	struct route *route = look->route = run->ops->route(run->ops, &item);
	note_route(run, route);
	learn_from_held(run, route, &item, now);
	route->holds |= item.state == QUEUE_HELD && item.hold == HOLD_CONFIG;
	look->due = where.damaged ? now : schedule_item_due(route, &item, now);
	look->attempts = item.attempts;
	look->chosen = chosen(filter, id, &item);
	look->allowed = where.damaged || schedule_allowed(&item, now);
	look->unfinished = where.damaged || is_unfinished(&item);
}

static void judge(struct schedule *run, const struct schedule_filter *filter, const char *id, const struct look *look,
		  int64_t *next)
{
	int64_t now = schedule_now(run);
	if (!look->route || !look->chosen)
		return;
	int64_t due = effective_due(run, look, id, now);
	if (schedule_forced(filter) ? look->allowed : due <= now)
		add_job(run, id, look->route, look->attempts);
	if (due < *next)
		*next = due;
}

static void begin_round(struct schedule *run)
{
	run->n_jobs = 0;
	forget_pauses(run, schedule_now(run));
	run->ops->refresh(run->ops);
	for (size_t i = 0; i < run->n_routes; i++) {
		run->routes[i]->first = SIZE_MAX;
		run->routes[i]->holds = false;
	}
}

/* The message for whose sake the others waited was released, sent or removed by somebody: so may they. */
static void release_routes(struct schedule *run)
{
	for (size_t i = 0; i < run->n_routes; i++)
		if (run->routes[i]->backoff.held && !run->routes[i]->holds)
			retry_account_worked(&run->routes[i]->backoff);
}

/* Fills jobs with what is to be done now; *next is when something is, in seconds. */
static bool gather(struct schedule *run, const struct schedule_filter *filter, bool quiet, int64_t *next,
		   struct error *err)
{
	AUTO(strvec) ids = STRVEC_INIT;
	*next = RETRY_NEVER;
	begin_round(run);
	if (!spool_list(run->spool, SPOOL_NEW, &ids, err))
		return false;
	AUTO_FREE struct look *looks = ids.n ? xcalloc(ids.n, sizeof(*looks)) : NULL;
	for (size_t i = 0; i < ids.n; i++)
		look_at(run, ids.v[i], filter, quiet, &looks[i]);
	release_routes(run);
	for (size_t i = 0; i < ids.n; i++)
		judge(run, filter, ids.v[i], &looks[i], next);
	return true;
}

bool schedule_next(struct schedule *run, int64_t *next, struct error *err)
{
	int64_t seconds;
	if (!gather(run, &(struct schedule_filter){.what = SCHEDULE_DUE}, true, &seconds, err))
		return false;
	*next = seconds == RETRY_NEVER ? RETRY_NEVER : seconds * 1000;
	return true;
}

/* ---- a round ------------------------------------------------------------------ */

/* Waits until the route's rate allows an attempt, if that is soon or patient is true; false: other routes first. */
static bool keep_rate(struct schedule *run, struct route *route, bool patient)
{
	int64_t now = run->ops->now_ms(run->ops);
	if (rate_allows(run, route) <= now)
		return true;
	if (!patient && route->next_ms - now > SHORT_INTERVAL)
		return false;
	if (route->next_ms - now > KEEP_CONNECTION)
		schedule_hang_up(run);
	while (rate_allows(run, route) > run->ops->now_ms(run->ops) && !run->ops->stopped(run->ops))
		if (!run->ops->wait(run->ops, route->next_ms, false))
			return false;
	return true;
}

static void run_route(struct schedule *run, struct route *route, const struct schedule_filter *filter, bool patient)
{
	for (size_t i = route->first; i < run->n_jobs; i++) {
		if (run->jobs[i].route != route)
			continue;
		if (run->ops->stopped(run->ops) || !keep_rate(run, route, patient))
			return;
		if (run->connected && run->connected != route)
			schedule_hang_up(run);
		if (schedule_message(run, &run->jobs[i], filter))
			continue;
		for (size_t j = i + 1; j < run->n_jobs; j++) /* they wait for the account */
			run->tally.left += run->jobs[j].route == route;
		return;
	}
}

/* One route after the other, the one with the oldest message first. */
static void run_jobs(struct schedule *run, const struct schedule_filter *filter, bool patient)
{
	for (size_t i = 0; i < run->n_jobs && !run->ops->stopped(run->ops); i++)
		if (run->jobs[i].route->first == i)
			run_route(run, run->jobs[i].route, filter, patient);
}

bool schedule_once(struct schedule *run, const struct schedule_filter *filter, struct error *err)
{
	int64_t next;
	if (!gather(run, filter, false, &next, err))
		return false;
	run_jobs(run, filter, true);
	schedule_hang_up(run);
	return true;
}

/* After a sleep (of the machine) all is overdue, everywhere: the start is spread. */
static bool begin_gently(struct schedule *run, int64_t due)
{
	int64_t now = schedule_now(run), start = retry_after_sleep(&retry_policy_default, now - due, now, run->rng);
	while (start > schedule_now(run) &&
	       start - schedule_now(run) <= retry_policy_default.spread) /* more: the clock was set back */
		if (!run->ops->wait(run->ops, start * 1000, false))
			return false;
	return true;
}

bool schedule_until_empty(struct schedule *run, struct error *err)
{
	static const struct schedule_filter due_only = {.what = SCHEDULE_DUE};
	for (int64_t next; !run->ops->stopped(run->ops);) {
		if (!gather(run, &due_only, false, &next, err))
			return false;
		if (run->n_jobs) {
			run_jobs(run, &due_only, false);
			continue;
		}
		if (next == RETRY_NEVER)
			break;
		if (next * 1000 - run->ops->now_ms(run->ops) > KEEP_CONNECTION)
			schedule_hang_up(run);
		if (!run->ops->wait(run->ops, next * 1000, true) || !begin_gently(run, next))
			break;
	}
	schedule_hang_up(run);
	return true;
}
