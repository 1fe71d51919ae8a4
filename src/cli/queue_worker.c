/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/queue_worker.h"

#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "cli/queue_tell.h"
#include "cli/report.h"

#include <sys/auxv.h>

static struct queue_worker *worker_of(const struct run_ops *ops)
{
	return (struct queue_worker *)(uintptr_t)ops; /* we handed it out; it is not const */
}

/* ---- time ---------------------------------------------------------------------- */

/* Whole seconds are what clocks of tests have; between them nothing is decided but the rate. */
static int64_t op_now_ms(const struct run_ops *ops)
{
	const struct queue_worker *w = worker_of(ops);
	if (w->around->clock != &clock_system)
		return (int64_t)clock_wall(w->around->clock) * 1000;
	return spool_ops_system.now_ms(&spool_ops_system);
}

static bool op_wait(const struct run_ops *ops, int64_t until_ms, bool wakes)
{
	return queue_watch_wait(worker_of(ops)->watch, until_ms, wakes);
}

static bool op_stopped(const struct run_ops *ops)
{
	return queue_watch_stopped(worker_of(ops)->watch);
}

/* ---- ways ---------------------------------------------------------------------- */

static void way_free(struct queue_way *way)
{
	queued_free(way->queued);
	free(way->route.key);
	queue_policy_release(&way->policy);
	free(way);
}

static void op_hang_up(const struct run_ops *ops)
{
	struct queue_worker *w = worker_of(ops);
	courier_free(steal_ptr(w->courier));
	w->courier_way = NULL;
}

/* The configuration is read anew where its files have changed. */
static void op_refresh(const struct run_ops *ops)
{
	struct queue_worker *w = worker_of(ops);
	size_t kept = 0;
	for (size_t i = 0; i < w->n; i++) {
		if (!queued_outdated(w->ways[i]->queued)) {
			w->ways[kept++] = w->ways[i];
			continue;
		}
		if (w->courier_way == w->ways[i])
			op_hang_up(ops);
		way_free(w->ways[i]);
	}
	w->n = kept;
}

static struct queue_way *make_way(struct queue_worker *w, const struct queue_item *item)
{
	struct queue_way *way = xcalloc(1, sizeof(*way));
	struct run_route *route = &way->route;
	struct queued *q = way->queued = queued_prepare(item, w->around);
	*route = (struct run_route){.fingerprint = q->fingerprint, .policy = retry_policy_default};
	if (!q->ready) {
		route->broken = &q->error;
		route->key = xstrdup(q->key);
		return way;
	}
	const struct account *a = q->p.account;
	route->key = xasprintf("%s %s:%lld", q->key, server_account_name(a), account_int(a, OPT_PORT));
	route->max_messages = (unsigned)account_int(a, OPT_MAX_MESSAGES_PER_CONNECTION);
	route->min_interval = account_int(a, OPT_MIN_INTERVAL) > 0 ? account_int(a, OPT_MIN_INTERVAL) : 0;
	queue_policy_init(&way->policy, a);
	route->policy = way->policy.retry;
	return way;
}

static struct queue_way *find_way(struct queue_worker *w, const struct queue_item *item)
{
	AUTO_FREE char *key = queued_key(item);
	for (size_t i = 0; i < w->n; i++)
		if (strcmp(w->ways[i]->queued->key, key) == 0)
			return w->ways[i];
	GROW(w->ways, w->n, w->cap);
	w->ways[w->n] = make_way(w, item);
	return w->ways[w->n++];
}

static const struct run_route *op_route(const struct run_ops *ops, const struct queue_item *item)
{
	return &find_way(worker_of(ops), item)->route;
}

/* ---- messages --------------------------------------------------------------- */

static void op_attempt(const struct run_ops *ops, const struct run_route *route, struct spool_entry *entry,
		       struct run_verdict *verdict)
{
	struct queue_worker *w = worker_of(ops);
	struct queue_way *way = find_way(w, spool_entry_item(entry));
	(void)route;
	if (w->courier_way != way)
		op_hang_up(ops);
	w->courier_way = way;
	queue_attempt(&(struct queue_attempt_request){way->queued, &w->courier, w->around, w->state_home,
						      w->foreground},
		      entry, verdict);
}

static void op_died(const struct run_ops *ops, const struct run_route *route, struct spool_entry *entry)
{
	struct queue_worker *w = worker_of(ops);
	(void)route;
	queue_attempt_died(find_way(w, spool_entry_item(entry))->queued, entry, w->around);
}

static bool op_tell(const struct run_ops *ops, const struct run_route *route, struct spool_entry *entry,
		    struct error *err)
{
	struct queue_worker *w = worker_of(ops);
	struct queue_way *way = find_way(w, spool_entry_item(entry));
	(void)route;
	return queue_tell(w->spool, entry, &way->queued->p, w->around, op_now_ms(ops) / 1000, err);
}

static bool op_end(const struct run_ops *ops, struct spool_entry *entry, struct error *err)
{
	return queue_tell_end(worker_of(ops)->spool, entry, err);
}

static void op_say(const struct run_ops *ops, const char *id, const struct error *err)
{
	struct error copy = ERROR_INIT;
	(void)ops;
	error_copy(&copy, err);
	if (id)
		error_stage(&copy, _("message %s in the queue"), id);
	report_error(stderr, &copy);
	error_release(&copy);
}

void queue_worker_init(struct queue_worker *worker, struct spool *spool, const struct surroundings *around,
		       struct queue_watch *watch, bool foreground)
{
	*worker = (struct queue_worker){
		.ops = {op_now_ms, op_refresh, op_route, op_attempt, op_hang_up, op_died, op_tell, op_end, op_wait,
			op_stopped, op_say},
		.spool = spool,
		.around = around,
		.watch = watch,
		.foreground = foreground,
		/* with more rights than the caller has, nothing is read from or written to places he names */
		.state_home = getauxval(AT_SECURE) ? NULL : fs_state_home(),
	};
}

void queue_worker_release(struct queue_worker *worker)
{
	op_hang_up(&worker->ops);
	for (size_t i = 0; i < worker->n; i++)
		way_free(worker->ways[i]);
	free(worker->ways);
	free(worker->state_home);
}
