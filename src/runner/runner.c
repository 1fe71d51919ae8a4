/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/runner.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "queue/item_file.h"
#include "queue/item_route.h"
#include "runner/crash.h"
#include "runner/notify.h"
#include "transport/server.h"

#include <unistd.h>

static struct runner *runner_of(const struct schedule_ops *ops)
{
	return (struct runner *)(uintptr_t)ops; /* ops is the first member of a struct runner, which is not const */
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

/* ---- routes -------------------------------------------------------------------- */

static void op_hang_up(const struct schedule_ops *ops)
{
	struct runner *r = runner_of(ops);
	transport_free(steal_ptr(r->transport));
	r->connected = NULL;
}

/* Also if the clock was set back. */
static bool look_is_due(const struct runner *r, const struct route *route)
{
	int64_t since = clock_wall_ms(r->runtime->clock) - route->looked_ms;
	return since < 0 || since >= (int64_t)SCHEDULE_LOOK * 1000;
}

static void op_refresh(const struct schedule_ops *ops)
{
	struct runner *r = runner_of(ops);
	for (size_t i = 0; i < r->n; i++) {
		struct route *route = r->routes[i];
		if (!route->is_read)
			continue;
		if (route->looked_ms && look_is_due(r, route))
			route_look(route, r->runtime);
		if (!route_outdated(route, r->runtime))
			continue;
		if (r->connected == route)
			op_hang_up(ops);
		route->is_read = false;
	}
}

static struct route *op_route(const struct schedule_ops *ops, const struct queue_item *item)
{
	struct runner *r = runner_of(ops);
	AUTO_FREE char *key = queue_item_route(item);
	for (size_t i = 0; i < r->n; i++) {
		struct route *route = r->routes[i];
		if (strcmp(route->key, key) != 0)
			continue;
		if (!route->is_read)
			route_read(route, item, r->runtime);
		return route;
	}
	GROW(r->routes, r->n, r->cap);
	return r->routes[r->n++] = route_new(item, r->runtime);
}

static bool op_watch(const struct schedule_ops *ops, struct route *route)
{
	struct runner *r = runner_of(ops);
	AUTO(strvec) paths = STRVEC_INIT;
	route_files(route, r->runtime, &paths);
	for (size_t i = 0; i < paths.n; i++)
		queue_wait_watch(r->watch, paths.v[i]);
	if (!route->looked_ms)
		route_look(route, r->runtime);
	return !route_outdated(route, r->runtime);
}

/* ---- messages --------------------------------------------------------------- */

static void op_attempt(const struct schedule_ops *ops, struct route *route, struct spool_entry *entry,
		       struct attempt_result *attempt, void (*done)(void *arg), void *arg)
{
	struct runner *r = runner_of(ops);
	if (r->connected != route)
		op_hang_up(ops);
	r->connected = route;
	attempt_begin(&(struct attempt_request){route, &r->transport, r->runtime, r->show}, entry, attempt, done, arg);
}

static void op_make_room(const struct schedule_ops *ops)
{
	attempt_make_room(runner_of(ops)->transport);
}

static void op_settle(const struct schedule_ops *ops)
{
	attempt_settle(runner_of(ops)->transport);
}

static void op_died(const struct schedule_ops *ops, struct route *route, struct spool_entry *entry)
{
	attempt_died(route, entry, runner_of(ops)->runtime);
}

static bool op_notify(const struct schedule_ops *ops, struct route *route, struct spool_entry *entry, struct error *err)
{
	struct runner *r = runner_of(ops);
	return notify(r->spool, entry, &route->p, r->runtime, op_now_ms(ops) / 1000, err);
}

static bool op_owes(const struct schedule_ops *ops, const struct queue_item *item)
{
	return notify_owes(runner_of(ops)->spool, item, op_now_ms(ops) / 1000);
}

static bool any_failed(const struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		if (item->rcpts[i].state == RCPT_FAILED)
			return true;
	return false;
}

static bool op_end(const struct schedule_ops *ops, struct spool_entry *entry, struct error *err)
{
	struct runner *r = runner_of(ops);
	if (!notify_end(r->spool, entry, err))
		return false;
	if (r->gave_up && any_failed(spool_entry_item(entry)))
		r->gave_up(r->gave_up_arg, spool_entry_item(entry));
	return true;
}

/* ---- several processes --------------------------------------------------------- */

/* The first byte of a record. */
enum record_kind { RECORD_GAVE_UP = 'G', RECORD_ERRORS = 'E' };

static int op_stop_fd(const struct schedule_ops *ops)
{
	return runner_of(ops)->watch->signals.fd;
}

static void op_part(const struct schedule_ops *ops)
{
	struct runner *r = runner_of(ops);
	if (r->transport)
		transport_hang_up(r->transport);
}

static void send_record(const struct runner *r, enum record_kind kind, struct span content)
{
	AUTO(strbuf) record = STRBUF_INIT;
	strbuf_addch(&record, (char)kind);
	strbuf_add_span(&record, content);
	crew_send(r->worker, strbuf_span(&record));
}

static void send_gave_up(void *arg, const struct queue_item *item)
{
	AUTO(strbuf) file = STRBUF_INIT;
	item_file_write(item, &file);
	send_record(arg, RECORD_GAVE_UP, strbuf_span(&file));
}

/* The lock of the background runner is its parent's alone: it must not last longer than that. */
static void op_begin_worker(const struct schedule_ops *ops, struct crew_worker *worker)
{
	struct runner *r = runner_of(ops);
	r->worker = worker;
	queue_wait_renew(r->watch);
	if (r->lock >= 0)
		(void)close(r->lock);
	if (r->errors)
		free(r->errors->take());
	if (r->gave_up) {
		r->gave_up = send_gave_up;
		r->gave_up_arg = r;
	}
}

static void op_end_worker(const struct schedule_ops *ops)
{
	const struct runner *r = runner_of(ops);
	AUTO_FREE char *text = r->errors ? r->errors->take() : NULL;
	if (text && *text)
		send_record(r, RECORD_ERRORS, span_of(text));
}

static void op_take_record(const struct schedule_ops *ops, struct span record)
{
	const struct runner *r = runner_of(ops);
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	struct span content = span_sub(record, 1, record.len);
	if (record.ptr[0] == RECORD_ERRORS && r->errors)
		r->errors->add(content);
	else if (record.ptr[0] == RECORD_GAVE_UP && r->gave_up && item_file_parse(content, &item, NULL))
		r->gave_up(r->gave_up_arg, &item);
}

static void op_crashed(const struct schedule_ops *ops, const char *id, int ended)
{
	const struct runner *r = runner_of(ops);
	(void)crash_note(r->spool, r->runtime, id, true, ended);
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

void runner_init(struct runner *runner, struct spool *spool, const struct runtime *runtime, struct queue_wait *watch,
		 attempt_show_fn *show)
{
	*runner = (struct runner){
		.ops = {op_now_ms,  op_refresh, op_route,	 op_attempt,	op_make_room,	op_settle,  op_hang_up,
			op_died,    op_notify,	op_owes,	 op_end,	op_wait,	op_stopped, op_watch,
			op_stop_fd, op_part,	op_begin_worker, op_end_worker, op_take_record, op_crashed, op_say},
		.lock = -1,
		.spool = spool,
		.runtime = runtime,
		.watch = watch,
		.show = show,
	};
}

void runner_release(struct runner *runner)
{
	op_hang_up(&runner->ops);
	for (size_t i = 0; i < runner->n; i++)
		route_free(runner->routes[i]);
	free(runner->routes);
}
