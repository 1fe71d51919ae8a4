/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/run.h"

#include "runner/lock.h"

#include <unistd.h>

struct work {
	struct queue_wait watch;
	struct runner runner;
	struct schedule *schedule;
};

static bool work_begin(struct work *w, struct spool *spool, const struct runtime *runtime, attempt_show_fn *show,
		       const struct supervisor *supervisor, struct error *err)
{
	if (!queue_wait_open(&w->watch, spool_path(spool), runtime->clock, err))
		return false;
	runner_init(&w->runner, spool, runtime, &w->watch, show);
	w->schedule = schedule_new(spool, &w->runner.ops, runtime->rng);
	if (supervisor->shared)
		schedule_follow(w->schedule, supervisor->shared->id, supervisor->since);
	spool_clean(spool);
	return true;
}

static void work_end(struct work *w)
{
	schedule_free(w->schedule);
	runner_release(&w->runner);
	queue_wait_close(&w->watch);
}

/* ---- in the foreground --------------------------------------------------- */

/* False before begin, too: if the clock was set back, the interval is over. */
static bool is_between(const struct clock *clock, int64_t begin, int64_t end)
{
	int64_t now = clock_wall_ms(clock);
	return begin <= now && now < end;
}

static bool run_task(struct work *w, const struct clock *clock, const struct runner_task *task, struct error *err)
{
	do {
		int64_t begin = clock_wall_ms(clock);
		if (!schedule_once(w->schedule, &task->filter, err))
			return false;
		while (task->interval_ms && is_between(clock, begin, begin + task->interval_ms))
			if (!queue_wait_until(&w->watch, begin + task->interval_ms, false))
				break;
	} while (task->interval_ms && !queue_wait_stopped(&w->watch));
	return true;
}

bool runner_in_foreground(struct spool *spool, const struct runtime *runtime, const struct runner_task *task,
			  struct schedule_tally *tally, struct error *err)
{
	struct work w;
	if (!work_begin(&w, spool, runtime, task->interval_ms ? NULL : task->show, task->supervisor, err))
		return false;
	w.runner.errors = task->errors;
	if (!task->interval_ms) {
		w.runner.gave_up = task->gave_up;
		w.runner.gave_up_arg = task->gave_up_arg;
	}
	bool ok = run_task(&w, runtime->clock, task, err);
	*tally = task->interval_ms ? (struct schedule_tally){0} : *schedule_tally(w.schedule);
	work_end(&w);
	return ok;
}

/* ---- in the background --------------------------------------------------- */

/* Runs once with the lock.  *again: messages arrived while it was being released. */
static bool run_locked(struct work *w, struct spool *spool, bool *again, struct error *err)
{
	AUTO_FD int lock = -1;
	int64_t next = RETRY_NEVER;
	*again = false;
	int locked = runner_lock(spool_path(spool), &lock, err);
	if (locked <= 0)
		return locked == 0;
	w->runner.lock = lock;
	bool ok = schedule_until_empty(w->schedule, err);
	w->runner.lock = -1;
	if (!ok)
		return false;
	(void)close(steal_fd(&lock)); /* first: messages that arrive from now on start another runner ... */
	AUTO(error) unread = ERROR_INIT;
	if (schedule_next(w->schedule, &next, &unread))
		*again = next != RETRY_NEVER; /* ... and those that arrived before are found here */
	return true;
}

bool runner_in_background(struct spool *spool, const struct runtime *runtime, const struct supervisor *supervisor,
			  struct error *err)
{
	struct work w;
	bool again = true, ok = true;
	if (!work_begin(&w, spool, runtime, NULL, supervisor, err))
		return false;
	while (ok && again && !queue_wait_stopped(&w.watch))
		ok = run_locked(&w, spool, &again, err);
	work_end(&w);
	return ok;
}
