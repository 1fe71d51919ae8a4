/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -q, --queue-run: sends what is in the queue now; --queue-runner: the process in the background that sends each
 * message when it is due. */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "cli/mode.h"
#include "runner/lock.h"
#include "runner/runner.h"
#include "cli/print_result.h"

#include <sysexits.h>
#include <unistd.h>

struct task {
	struct schedule_filter filter;
	struct strvec ids;
	int64_t interval_ms; /* -q30m; 0: once */
};

static int failed(const struct error *err)
{
	print_error(stderr, err);
	return error_kind_exit_status(err->status.kind);
}

/* ---- the command line ----------------------------------------------------------- */

static bool parse_interval(const char *text, struct task *task)
{
	struct value v = {.set = false};
	bool ok = value_parse(&option_table[OPT_QUEUE_LIFETIME], span_of(text), &v, NULL) && v.n > 0;
	task->interval_ms = v.n;
	value_release(&v);
	return ok;
}

/* As sendmail's: nothing, "f" (in the foreground, where we are), a time, or a letter and what to look for. */
static bool parse_work(const char *text, struct task *task, struct error *err)
{
	static const struct {
		char letter;
		enum schedule_what what;
	} letters[] = {{'I', SCHEDULE_ID}, {'R', SCHEDULE_RECIPIENT}, {'S', SCHEDULE_SENDER}};
	if (!text || !*text || strcmp(text, "f") == 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (*text == letters[i].letter && text[1]) {
			task->filter = (struct schedule_filter){letters[i].what, text + 1, NULL};
			return true;
		}
	if (parse_interval(text, task))
		return true;
	AUTO_FREE char *shown = clean_text(span_of(text), 80);
	(void)error_set(err, ERROR_USAGE,
			_("-q%s: expected a time like 30m, or I, R or S and a part of an ID, recipient or sender"),
			shown);
	error_stage(err, "%s", _("command line"));
	return false;
}

/* --queue-run ID...: a prefix is enough if it is unique. */
static bool find_ids(struct spool *spool, const struct strvec *prefixes, struct task *task, struct error *err)
{
	for (size_t i = 0; i < prefixes->n; i++) {
		AUTO(strbuf) id = STRBUF_INIT;
		if (!spool_find(spool, span_of(prefixes->v[i]), &id, err))
			return false;
		strvec_push(&task->ids, id.buf);
	}
	if (prefixes->n)
		task->filter = (struct schedule_filter){SCHEDULE_IDS, NULL, &task->ids};
	return true;
}

static bool parse_task(const struct args *args, struct spool *spool, struct task *task, struct error *err)
{
	if (args->request.given[OPT_QUEUE_RUN])
		return find_ids(spool, &args->request.recipients, task, err);
	if (args->request.recipients.n)
		return error_set(err, ERROR_USAGE, "%s",
				 _("-q sends the messages in the queue and takes no recipients; --queue-run takes the "
				   "IDs of messages"));
	return parse_work(account_str(args->request.flags, OPT_QUEUE_WORK), task, err);
}

/* ---- in the foreground ---------------------------------------------------------------- */

/* 75: some of the chosen messages are still in the queue. */
static int status_of(const struct schedule_tally *tally)
{
	return tally->left ? EX_TEMPFAIL : tally->unreadable ? EX_IOERR : EX_OK;
}

/* Not before begin either: if the clock was set back, the interval is over. */
static bool is_between(const struct clock *clock, int64_t begin, int64_t end)
{
	int64_t now = clock_wall_ms(clock);
	return begin <= now && now < end;
}

static int run_task(struct schedule *run, struct queue_wait *watch, const struct clock *clock, const struct task *task)
{
	AUTO(error) err = ERROR_INIT;
	do {
		int64_t begin = clock_wall_ms(clock);
		if (!schedule_once(run, &task->filter, &err))
			return failed(&err);
		if (!task->interval_ms)
			return status_of(schedule_tally(run));
		while (is_between(clock, begin, begin + task->interval_ms))
			if (!queue_wait_until(watch, begin + task->interval_ms, false))
				break;
	} while (!queue_wait_stopped(watch));
	return EX_OK;
}

/* *spool NULL with true: there is no queue. */
static bool open_queue(const struct runtime *runtime, struct spool **spool, struct error *err)
{
	bool none = false;
	AUTO_FREE char *folder = spool_user_folder(runtime, err);
	if (runtime->privileged)
		return error_set(err, ERROR_CONFIG, "%s",
				 _("refusing to run the queue: running set-user-ID or set-group-ID"));
	if (!folder)
		return false;
	*spool = spool_open_existing(folder, runtime, &none, err);
	return *spool || none;
}

static void show_failure(const struct submission *p, const struct delivery_result *result)
{
	print_result(stderr, p, result);
}

static int run_in_foreground(struct spool *spool, const struct runtime *runtime, const struct task *task)
{
	AUTO(error) err = ERROR_INIT;
	struct queue_wait watch;
	struct runner runner;
	if (!queue_wait_open(&watch, spool_path(spool), &err))
		return failed(&err);
	runner_init(&runner, spool, runtime, &watch, task->interval_ms ? NULL : show_failure);
	struct schedule *run = schedule_new(spool, &runner.ops, runtime->rng);
	spool_clean(spool);
	int status = run_task(run, &watch, runtime->clock, task);
	schedule_free(run);
	runner_release(&runner);
	queue_wait_close(&watch);
	return status;
}

int mode_queue_run(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(spool) spool = NULL;
	struct task task = {.filter = {.what = SCHEDULE_ALL}};
	int status = EX_OK;
	if (!open_queue(runtime, &spool, &err))
		return failed(&err);
	if (!spool && !args->request.recipients.n && !account_is_set(args->request.flags, OPT_QUEUE_WORK))
		return EX_OK;
	if (!spool) { /* the arguments are checked even so, and with -q30m messages may arrive later */
		AUTO_FREE char *folder = spool_user_folder(runtime, &err);
		spool = folder ? spool_open(folder, runtime, &err) : NULL;
		if (!spool)
			return failed(&err);
	}
	status = parse_task(args, spool, &task, &err) ? run_in_foreground(spool, runtime, &task) : failed(&err);
	strvec_release(&task.ids);
	return status;
}

/* ---- in the background ------------------------------------------------------------------ */

/* Runs once with the lock.  *again: messages arrived while it was being released. */
static int run_locked(struct spool *spool, struct schedule *run, bool *again)
{
	AUTO(error) err = ERROR_INIT;
	AUTO_FD int lock = -1;
	int64_t next = RETRY_NEVER;
	*again = false;
	int locked = runner_lock(spool_path(spool), &lock, &err);
	if (locked <= 0)
		return locked < 0 ? failed(&err) : EX_OK;
	if (!schedule_until_empty(run, &err))
		return failed(&err);
	(void)close(steal_fd(&lock)); /* first: messages that arrive from now on start another runner ... */
	if (schedule_next(run, &next, &err))
		*again = next != RETRY_NEVER; /* ... and those that arrived before are seen here */
	return EX_OK;
}

int mode_queue_runner(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(spool) spool = NULL;
	struct queue_wait watch;
	struct runner runner;
	bool again = true;
	int status = EX_OK;
	(void)args;
	if (!open_queue(runtime, &spool, &err))
		return failed(&err);
	if (!spool)
		return EX_OK;
	if (!queue_wait_open(&watch, spool_path(spool), &err))
		return failed(&err);
	runner_init(&runner, spool, runtime, &watch, NULL);
	struct schedule *run = schedule_new(spool, &runner.ops, runtime->rng);
	spool_clean(spool);
	while (again && status == EX_OK && !queue_wait_stopped(&watch))
		status = run_locked(spool, run, &again);
	schedule_free(run);
	runner_release(&runner);
	queue_wait_close(&watch);
	return status;
}
