/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -q, --queue-run: sends what is in the queue now; --queue-runner: the process in the background that sends each
 * message when it is due. */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/process.h"
#include "base/xalloc.h"
#include "cli/mode.h"
#include "queue/queue_json.h"
#include "runner/run.h"
#include "queue/queue_open.h"
#include "queue/queue_view.h"
#include "queue/queue_walk.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"

#include <sysexits.h>
#include <unistd.h>

struct task {
	struct schedule_filter filter;
	struct strvec ids;
	int64_t interval_ms; /* -q30m; 0: once */
};

static int report_failure(const struct error *err)
{
	print_problem(print_errors(), err);
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

/* ---- what is left ----------------------------------------------------------------------- */

#define LEFT_MAX 50 /* messages named; mailq lists them all */

struct left {
	const struct schedule_filter *filter;
	int64_t now;
	struct account_waits waits;
	size_t n;
	struct json *json; /* NULL: only text is printed */
};

static void show_left(void *ctx, const struct queue_item *item, const struct spool_stat *where)
{
	struct left *left = ctx;
	const struct queue_view view = {item, *where, left->now, account_waits_find(&left->waits, item, left->now)};
	if (where->folder != SPOOL_NEW || !schedule_chooses(left->filter, item, left->now) || ++left->n > LEFT_MAX)
		return;
	if (left->json) {
		queue_json_message(left->json, &view);
		json_end(left->json);
	}
	AUTO_FREE char *reason =
		where->claimed ? xstrdup(_("another process is sending it")) : queue_view_reason(&view);
	AUTO(error) why = ERROR_INIT;
	(void)error_set(&why, ERROR_SERVER_TEMPORARY, _("the message %s is still in the queue: %s"), item->id,
			reason ? reason : _("it was not tried"));
	print_problem(stderr, &why);
}

/* What cannot be read was reported by the run. */
static void skip_unreadable(void *ctx, const char *id, const struct error *err)
{
	(void)ctx;
	(void)id;
	(void)err;
}

/* Says which of the chosen messages are still in the queue, and why; returns how many. */
static size_t report_left(struct spool *spool, const struct runtime *runtime, const struct schedule_filter *filter,
			  struct json *j)
{
	struct left left = {.filter = filter, .now = clock_wall(runtime->clock), .json = j};
	const struct queue_visitor visitor = {show_left, skip_unreadable, &left};
	bool ok = account_waits_read(&left.waits, spool, left.now, NULL) && queue_walk(spool, &visitor, NULL);
	account_waits_release(&left.waits);
	return ok ? left.n : 0;
}

/* ---- in the foreground ---------------------------------------------------------------- */

/* 75: some of the chosen messages are still in the queue. */
static int end_status(struct spool *spool, const struct runtime *runtime, const struct task *task,
		      const struct schedule_tally *tally, struct json *j)
{
	enum schedule_what what = task->filter.what;
	bool named = what == SCHEDULE_ID || what == SCHEDULE_IDS; /* then what is held is said, too */
	bool left = tally->left != 0;
	if (!task->interval_ms && (left || (named && !tally->unreadable)))
		left |= report_left(spool, runtime, &task->filter, j) != 0;
	return left ? EX_TEMPFAIL : tally->unreadable ? EX_IOERR : EX_OK;
}

/* True with *spool NULL: there is no queue. */
static bool open_queue(const struct runtime *runtime, struct spool **spool, struct error *err)
{
	if (runtime->privileged)
		return error_set(err, ERROR_CONFIG, "%s",
				 _("refusing to run the queue: running set-user-ID or set-group-ID"));
	return queue_open_existing(runtime, spool, err) >= 0;
}

static void show_failure(const struct submission *p, const struct delivery_result *result)
{
	print_result(print_errors(), p, result);
}

/* What a run is to print as JSON. */
struct run_report {
	struct schedule_tally tally;
	struct json *messages; /* the open array for those that failed or are left; NULL: only text is printed */
	bool printed;	       /* by a child process */
};

static void add_given_up(void *messages, const struct queue_item *item)
{
	queue_json_given_up(messages, item);
	json_end(messages);
}

static int run_supervised(struct spool *spool, const struct runtime *runtime, const struct task *task,
			  struct run_report *report, struct error *err)
{
	struct supervisor supervisor;
	int status;
	(void)fflush(NULL); /* else the child would print it once more */
	if (!supervisor_fork(&supervisor, spool, runtime, &status)) {
		report->printed = supervisor.finished;
		return status;
	}
	free(print_errors_kept.take());
	const struct runner_task run = {task->filter,	  task->interval_ms,
					show_failure,	  report->messages ? add_given_up : NULL,
					report->messages, &print_errors_kept,
					&supervisor};
	status = runner_in_foreground(spool, runtime, &run, &report->tally, err)
			 ? end_status(spool, runtime, task, &report->tally, report->messages)
			 : report_failure(err);
	supervisor_finish(&supervisor);
	return status;
}

static int run_queue(const struct args *args, const struct runtime *runtime, struct run_report *report,
		     struct error *err)
{
	AUTO_PTR(spool) spool = NULL;
	struct task task = {.filter = {.what = SCHEDULE_ALL}};
	if (!open_queue(runtime, &spool, err))
		return report_failure(err);
	if (!spool && !args->request.recipients.n && !account_is_set(args->request.flags, OPT_QUEUE_WORK))
		return EX_OK;
	if (!spool) { /* the arguments are checked even so, and with -q30m messages may arrive later */
		spool = queue_open(runtime, err);
		if (!spool)
			return report_failure(err);
	}
	bool ok = parse_task(args, spool, &task, err);
	int status = ok ? run_supervised(spool, runtime, &task, report, err) : report_failure(err);
	strvec_release(&task.ids);
	return status;
}

int mode_queue_run(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	struct run_report report = {.messages = args->request.given[OPT_JSON] ? &j : NULL};
	json_object(&j, NULL);
	json_array(&j, "messages");
	int status = run_queue(args, runtime, &report, &err);
	json_end(&j);
	if (!report.messages || report.printed)
		return status;
	json_number(&j, "done", (long long)report.tally.done);
	json_number(&j, "failed", (long long)report.tally.failed);
	json_number(&j, "left", (long long)report.tally.left);
	json_number(&j, "unreadable", (long long)report.tally.unreadable);
	print_json_status(&j, status, &err);
	print_json_end(&j, NULL);
	return status;
}

/* ---- in the background ------------------------------------------------------------------ */

int mode_queue_runner(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(spool) spool = NULL;
	struct supervisor supervisor;
	int status;
	(void)args;
	process_name(PACKAGE); /* started as /proc/self/exe, it would be called "exe" */
	if (!open_queue(runtime, &spool, &err))
		return report_failure(&err);
	if (!spool || !supervisor_fork(&supervisor, spool, runtime, &status))
		return spool ? status : EX_OK;
	status = runner_in_background(spool, runtime, &supervisor, &err) ? EX_OK : report_failure(&err);
	supervisor_finish(&supervisor);
	return status;
}
