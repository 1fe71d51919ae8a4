/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several connections at once for the messages of one route (queue_sessions).  The first message of a round goes alone:
 * that the server is away, or the password is wrong, is found out once.  Then the workers of a crew take the others,
 * the oldest first.  What a worker finds out about route and queue it reports, and the parent goes on with that.
 */
#include "runner/schedule_private.h"

#include "base/xalloc.h"
#include "queue/item_file.h"

#define CREW_LEAST 2 /* jobs for which processes are made */

struct crew_jobs {
	struct schedule *s;
	struct route *route;
	const struct schedule_filter *filter;
	size_t *list; /* places in s->jobs */
	size_t n;
};

/* What a worker has found out since its last report.  The first byte of a record says what it is. */
struct report {
	char kind;
	struct schedule_tally tally;
	struct schedule_news news;
	size_t n_pauses; /* which follow */
};

/* ---- in a worker ----------------------------------------------------------- */

/* What has come since the last report. */
static void begin_report(struct schedule *s)
{
	s->tally = (struct schedule_tally){0};
	s->news = (struct schedule_news){.failed = false};
	s->n_pauses = 0;
}

static void send_report(struct schedule *s, struct crew_worker *worker)
{
	struct report report;
	memset(&report, 0, sizeof(report));
	report.kind = SCHEDULE_REPORT;
	report.tally = s->tally;
	report.news = s->news;
	report.n_pauses = s->n_pauses;
	AUTO(strbuf) record = STRBUF_INIT;
	strbuf_add(&record, &report, sizeof(report));
	if (s->n_pauses)
		strbuf_add(&record, s->pauses, s->n_pauses * sizeof(*s->pauses));
	crew_send(worker, strbuf_span(&record));
	begin_report(s);
}

static void begin_worker(void *arg, struct crew_worker *worker)
{
	struct schedule *s = ((struct crew_jobs *)arg)->s;
	s->worker = worker;
	s->at_hand = NULL;
	begin_report(s);
	s->ops->begin_worker(s->ops, worker);
}

static void end_worker(void *arg)
{
	struct schedule *s = ((struct crew_jobs *)arg)->s;
	schedule_hang_up(s);
	s->ops->end_worker(s->ops);
}

static bool work(void *arg, struct crew_worker *worker, size_t job)
{
	struct crew_jobs *c = arg;
	struct schedule *s = c->s;
	if (s->ops->stopped(s->ops)) {
		(void)crew_leave(worker);
		crew_give_back(worker, job);
		crew_stop(worker);
		return false;
	}
	schedule_message(s, &s->jobs[c->list[job]], c->filter);
	schedule_make_room(s);
	if (s->news.worked)
		crew_proven(worker);
	if (c->route->closed)
		crew_stop(worker);
	send_report(s, worker);
	return !c->route->closed;
}

static void settle(void *arg, struct crew_worker *worker)
{
	struct crew_jobs *c = arg;
	if (!c->s->oldest)
		return;
	schedule_settle(c->s);
	if (c->route->closed)
		crew_stop(worker);
	send_report(c->s, worker);
}

/* ---- in the parent --------------------------------------------------------- */

static void add_tally(struct schedule_tally *sum, const struct schedule_tally *more)
{
	sum->done += more->done;
	sum->failed += more->failed;
	sum->left += more->left;
	sum->unreadable += more->unreadable;
}

/* Messages of several workers end in any order, so a failure of the account stands whatever else was accepted. */
static void take_news(struct schedule *s, struct route *route, const struct schedule_news *news)
{
	route->answered |= news->answered;
	route->crowded |= news->crowded;
	if (news->worked && !s->news.failed)
		retry_account_worked(&route->backoff);
	if (!news->failed)
		return;
	retry_account_failed(&route->backoff, &news->decision, route->fingerprint);
	memcpy(route->finder, news->finder, sizeof(route->finder));
	s->news.failed = true;
}

static void take_record(void *arg, struct span record)
{
	struct crew_jobs *c = arg;
	struct report report;
	if (!record.len || record.ptr[0] != SCHEDULE_REPORT) {
		c->s->ops->take_record(c->s->ops, record);
		return;
	}
	memcpy(&report, record.ptr, sizeof(report));
	add_tally(&c->s->tally, &report.tally);
	take_news(c->s, c->route, &report.news);
	for (size_t i = 0; i < report.n_pauses; i++) {
		struct schedule_pause pause;
		memcpy(&pause, record.ptr + sizeof(report) + i * sizeof(pause), sizeof(pause));
		GROW(c->s->pauses, c->s->n_pauses, c->s->cap_pauses);
		c->s->pauses[c->s->n_pauses++] = pause;
	}
}

static void note_crash(void *arg, size_t job, int ended)
{
	struct crew_jobs *c = arg;
	c->s->tally.left++;
	c->s->ops->crashed(c->s->ops, c->s->jobs[c->list[job]].id, ended);
	schedule_recover(c->s, &c->s->jobs[c->list[job]]);
}

static bool is_stopped(void *arg)
{
	const struct crew_jobs *c = arg;
	return c->s->ops->stopped(c->s->ops);
}

static bool may_be_several(const struct route *route)
{
	return route->sessions > 1 && route->proven && !route->crowded && !route->min_interval;
}

/* The route's messages that wait for their turn. */
static void list_jobs(struct crew_jobs *c, size_t end)
{
	struct schedule *s = c->s;
	for (size_t i = c->route->next; i < end; i++) {
		if (s->jobs[i].route != c->route || s->jobs[i].done)
			continue;
		s->jobs[i].number = c->n;
		c->list[c->n++] = i;
	}
}

bool schedule_crew(struct schedule *s, struct route *route, const struct schedule_filter *filter, size_t end)
{
	if (!may_be_several(route))
		return false;
	schedule_settle(s);
	if (route->closed)
		return false;
	size_t most = end - route->next;
	AUTO_FREE size_t *list = xcalloc(most, sizeof(*list));
	AUTO_FREE bool *done = xcalloc(most, sizeof(*done));
	struct crew_jobs c = {s, route, filter, list, 0};
	list_jobs(&c, end);
	if (c.n < CREW_LEAST)
		return false;
	if (s->connected && s->connected != route)
		schedule_hang_up(s);
	s->ops->part(s->ops);
	s->carried = 0;
	s->news = (struct schedule_news){.failed = false};
	const struct crew_task task = {.workers = route->sessions,
				       .jobs = c.n,
				       .at_hand = route->pipeline,
				       .done = done,
				       .arg = &c,
				       .begin = begin_worker,
				       .work = work,
				       .settle = settle,
				       .end = end_worker,
				       .take = take_record,
				       .crashed = note_crash,
				       .stopped = is_stopped,
				       .stop_fd = s->ops->stop_fd(s->ops)};
	size_t undone = crew_run(&task);
	for (size_t i = 0; i < c.n; i++)
		s->jobs[list[i]].done = done[i];
	if (undone == c.n) /* no process could be made */
		route->crowded = true;
	if (undone && !s->news.failed && !is_stopped(&c))
		return false;
	if (s->news.failed)
		s->tally.left += undone; /* these wait for the account */
	route->closed = true;
	return true;
}
