/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "runner/notify.h"

static struct runner *runner_of(const struct schedule_ops *ops)
{
	return (struct runner *)(uintptr_t)ops; /* we handed it out; it is not const */
}

/* ---- time ---------------------------------------------------------------------- */

static int64_t op_now_ms(const struct schedule_ops *ops)
{
	return clock_wall_ms(runner_of(ops)->runtime->clock);
}

static bool op_wait(const struct schedule_ops *ops, int64_t until_ms, bool wakes)
{
	return queue_wait_until(runner_of(ops)->watch, until_ms, wakes);
}

static bool op_stopped(const struct schedule_ops *ops)
{
	return queue_wait_stopped(runner_of(ops)->watch);
}

/* ---- ways ---------------------------------------------------------------------- */

static void way_free(struct runner_way *way)
{
	route_free(way->queued);
	free(way->route.key);
	account_retry_policy_release(&way->policy);
	free(way);
}

static void op_hang_up(const struct schedule_ops *ops)
{
	struct runner *w = runner_of(ops);
	transport_free(steal_ptr(w->transport));
	w->transport_way = NULL;
}

/* The configuration is read anew where its files have changed. */
static void op_refresh(const struct schedule_ops *ops)
{
	struct runner *w = runner_of(ops);
	size_t kept = 0;
	for (size_t i = 0; i < w->n; i++) {
		if (!route_outdated(w->ways[i]->queued, w->runtime)) {
			w->ways[kept++] = w->ways[i];
			continue;
		}
		if (w->transport_way == w->ways[i])
			op_hang_up(ops);
		way_free(w->ways[i]);
	}
	w->n = kept;
}

static struct runner_way *make_way(struct runner *w, const struct queue_item *item)
{
	struct runner_way *way = xcalloc(1, sizeof(*way));
	struct schedule_route *route = &way->route;
	struct route *q = way->queued = route_new(item, w->runtime);
	*route = (struct schedule_route){.fingerprint = q->fingerprint, .policy = retry_policy_default};
	if (!q->ready) {
		route->broken = &q->error;
		route->key = xstrdup(q->key);
		return way;
	}
	const struct account *a = q->p.account;
	route->key = xasprintf("%s %s:%lld", q->key, server_account_name(a), account_int(a, OPT_PORT));
	route->max_messages = (unsigned)account_int(a, OPT_MAX_MESSAGES_PER_CONNECTION);
	route->min_interval = account_int(a, OPT_MIN_INTERVAL) > 0 ? account_int(a, OPT_MIN_INTERVAL) : 0;
	account_retry_policy_init(&way->policy, a);
	route->policy = way->policy.retry;
	return way;
}

static struct runner_way *find_way(struct runner *w, const struct queue_item *item)
{
	AUTO_FREE char *key = route_key(item);
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->ways[i]->queued->key, key) == 0)
			return w->ways[i];
	GROW(w->ways, w->n, w->cap);
	w->ways[w->n] = make_way(w, item);
	return w->ways[w->n++];
}

static const struct schedule_route *op_route(const struct schedule_ops *ops, const struct queue_item *item)
{
	return &find_way(runner_of(ops), item)->route;
}

/* ---- messages --------------------------------------------------------------- */

static void op_attempt(const struct schedule_ops *ops, const struct schedule_route *route, struct spool_entry *entry,
		       struct attempt_result *verdict)
{
	struct runner *w = runner_of(ops);
	struct runner_way *way = find_way(w, spool_entry_item(entry));
	(void)route;
	if (w->transport_way != way)
		op_hang_up(ops);
	w->transport_way = way;
	attempt_deliver(&(struct attempt_request){way->queued, &w->transport, w->runtime, w->show}, entry, verdict);
}

static void op_died(const struct schedule_ops *ops, const struct schedule_route *route, struct spool_entry *entry)
{
	struct runner *w = runner_of(ops);
	(void)route;
	attempt_died(find_way(w, spool_entry_item(entry))->queued, entry, w->runtime);
}

static bool op_notify(const struct schedule_ops *ops, const struct schedule_route *route, struct spool_entry *entry,
		      struct error *err)
{
	struct runner *w = runner_of(ops);
	struct runner_way *way = find_way(w, spool_entry_item(entry));
	(void)route;
	return notify(w->spool, entry, &way->queued->p, w->runtime, op_now_ms(ops) / 1000, err);
}

static bool op_end(const struct schedule_ops *ops, struct spool_entry *entry, struct error *err)
{
	return notify_end(runner_of(ops)->spool, entry, err);
}

static void op_say(const struct schedule_ops *ops, const char *id, const struct error *err)
{
	struct error copy = ERROR_INIT;
	error_copy(&copy, err);
	if (id)
		error_stage(&copy, _("message %s in the queue"), id);
	runtime_problem(runner_of(ops)->runtime, &copy);
	error_release(&copy);
}

void runner_init(struct runner *worker, struct spool *spool, const struct runtime *runtime, struct queue_wait *watch,
		 attempt_show_fn *show)
{
	*worker = (struct runner){
		.ops = {op_now_ms, op_refresh, op_route, op_attempt, op_hang_up, op_died, op_notify, op_end, op_wait,
			op_stopped, op_say},
		.spool = spool,
		.runtime = runtime,
		.watch = watch,
		.show = show,
	};
}

void runner_release(struct runner *worker)
{
	op_hang_up(&worker->ops);
	for (size_t i = 0; i < worker->n; i++)
		way_free(worker->ways[i]);
	free(worker->ways);
}
