/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A batch in several processes, each with a session of its own. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "runner/crew.h"
#include "serve/batch_private.h"

#include <stdio.h>

/* What a worker reports: a kind, then text or a tally. */
enum record_kind { RECORD_ERRORS = 'E', RECORD_OUTPUT = 'O', RECORD_TALLY = 'T' };

struct tally_record {
	char kind;
	bool stopped, later;
	size_t gone;
	struct batch_tally tally;
};

/* ---- in a worker ---- */

static void report_text(const struct batch *b, enum record_kind kind, const struct runner_errors *from)
{
	AUTO_FREE char *text = from->take();
	AUTO(strbuf) record = STRBUF_INIT;
	if (!text || !*text)
		return;
	strbuf_addf(&record, "%c%s", kind, text);
	crew_send(b->worker, strbuf_span(&record));
}

/* What has come since the last report. */
static void report(struct batch *b)
{
	struct tally_record record;
	memset(&record, 0, sizeof(record));
	record.kind = RECORD_TALLY;
	record.stopped = b->stopped;
	record.later = b->later;
	record.gone = b->gone;
	record.tally = *b->tally;
	b->gone = 0;
	*b->tally = (struct batch_tally){.sent = 0};
	report_text(b, RECORD_ERRORS, b->req->errors);
	report_text(b, RECORD_OUTPUT, b->req->output);
	crew_send(b->worker, span_make((const char *)&record, sizeof(record)));
}

static void begin(void *arg, struct crew_worker *worker)
{
	struct batch *b = arg;
	batch_signal_part();
	b->worker = worker;
	*b->tally = (struct batch_tally){.sent = 0};
	b->later = false;
	b->sent_here = false;
	free(b->req->errors->take());
	free(b->req->output->take());
}

static bool took_nobody(const struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outcomes[i].kind == OUTCOME_ACCEPTED || r->outcomes[i].kind == OUTCOME_UNKNOWN)
			return false;
	return true;
}

static bool wants_fewer_sessions(const struct delivery_result *r)
{
	const struct status *why = delivery_result_leading(r);
	return why && status_wants_fewer_sessions(why);
}

/* As long as others are at work, or this process has sent nothing, it may be that the server does not want so many
 * connections: it leaves, and the others, or the parent with its own session, find out what it is. */
bool batch_crew_gives_away(void *arg, const struct delivery_result *result)
{
	struct batch_slot *slot = arg;
	struct batch *b = slot->batch;
	if (!b->worker || !took_nobody(result) ||
	    !(batch_delivery_concerns_all(result) || wants_fewer_sessions(result)))
		return false;
	crew_shrink(b->worker);
	b->leaves = b->leaves || crew_leave(b->worker);
	if (!b->leaves && !b->sent_here) {
		crew_quit(b->worker);
		b->leaves = true;
	}
	return b->leaves;
}

static bool goes_on(struct batch *b)
{
	if (b->leaves)
		return false;
	if (!b->stopped)
		return !batch_signalled();
	if (crew_leave(b->worker)) { /* the others may not be hindered */
		b->stopped = false;
		b->tally->status = 0;
	} else {
		crew_stop(b->worker);
	}
	return false;
}

static void send_one(struct batch *b, size_t number)
{
	struct batch_source *source = b->req->source;
	struct batch_slot *slot = batch_slot_new(b);
	int found = source->ops->pick(source, number, &slot->message, &slot->p, b->err);
	slot->job = number;
	if (found > 0) {
		batch_send(b, slot);
	} else {
		batch_slot_free(slot);
		if (b->worker)
			crew_done(b->worker, number);
	}
	b->gone += found == 0;
	if (found < 0) {
		runtime_problem(b->req->runtime, b->err);
		b->stopped = true;
		b->tally->status = error_kind_exit_status(b->err->status.kind);
	}
}

static bool work(void *arg, struct crew_worker *worker, size_t number)
{
	struct batch *b = arg;
	(void)worker;
	send_one(b, number);
	bool on = goes_on(b);
	report(b);
	return on;
}

static void settle(void *arg, struct crew_worker *worker)
{
	struct batch *b = arg;
	(void)worker;
	if (!b->under_way)
		return;
	batch_flush(b);
	(void)goes_on(b);
	report(b);
}

static void end(void *arg)
{
	struct batch *b = arg;
	batch_part(b);
	report(b);
}

/* ---- in the parent ---- */

static void take(void *arg, struct span record)
{
	struct batch *b = arg;
	struct tally_record r;
	struct span text = span_sub(record, 1, record.len);
	if (record.ptr[0] == RECORD_ERRORS) {
		b->req->errors->add(text);
	} else if (record.ptr[0] == RECORD_OUTPUT) {
		b->req->output->add(text);
	} else {
		memcpy(&r, record.ptr, sizeof(r));
		b->tally->sent += r.tally.sent;
		b->tally->failed += r.tally.failed;
		b->stopped |= r.stopped;
		b->later |= r.later;
		b->gone += r.gone;
		if (r.tally.status)
			b->tally->status = r.tally.status;
	}
}

static void note_lost(struct batch *b, size_t n, struct error *err)
{
	runtime_problem(b->req->runtime, err);
	b->tally->failed += n;
	b->later = true;
}

static void note_crash(void *arg, size_t number, int ended)
{
	AUTO(error) err = ERROR_INIT;
	(void)error_set(&err, ERROR_UNCERTAIN,
			_("posthaste crashed (wait status %d) while it sent message %zu of those "
			  "that were left; it may have been delivered"),
			ended, number + 1);
	note_lost(arg, 1, &err);
}

/* A process may have crashed before it could report what became of a message.  posted: handed out to all of them. */
static void note_unknown(struct batch *b, size_t posted)
{
	AUTO(error) err = ERROR_INIT;
	size_t known = b->tally->sent + b->tally->failed + b->gone;
	if (known >= posted)
		return;
	(void)error_set(&err, ERROR_UNCERTAIN,
			_("posthaste crashed while further messages were under way, %zu of them; they may have been "
			  "delivered"),
			posted - known);
	note_lost(b, posted - known, &err);
}

static bool is_stopped(void *arg)
{
	(void)arg;
	return batch_signalled();
}

/* For the account of what was sent so far; others may follow. */
static unsigned number_of(const struct batch *b, enum option_id option)
{
	return b->outlets.n ? (unsigned)account_int(b->outlets.v[0].account, option) : 1;
}

/* What no process was left for, or could be made for. */
static void send_undone(struct batch *b, const struct crew_task *task)
{
	for (size_t i = 0; i < task->jobs && !b->stopped && !batch_signalled(); i++) {
		if (task->done[i])
			continue;
		b->undone--;
		send_one(b, i);
	}
}

bool batch_has_crew(const struct batch *b)
{
	return number_of(b, OPT_QUEUE_SESSIONS) > 1 && b->req->source->ops->share && b->req->errors && b->req->output;
}

bool batch_crew(struct batch *b)
{
	struct batch_source *source = b->req->source;
	if (!batch_has_crew(b))
		return false;
	batch_part(b);
	struct crew_task task = {.workers = number_of(b, OPT_QUEUE_SESSIONS),
				 .jobs = source->ops->share(source),
				 .at_hand = number_of(b, OPT_PIPELINE_MESSAGES) + 1, /* and one that waits for room */
				 .arg = b,
				 .begin = begin,
				 .work = work,
				 .settle = settle,
				 .end = end,
				 .take = take,
				 .crashed = note_crash,
				 .stopped = is_stopped,
				 .stop_fd = batch_signal_fd()};
	if (task.jobs < 2)
		return false;
	AUTO_FREE bool *done = xcalloc(task.jobs, sizeof(*done));
	size_t before = b->tally->sent + b->tally->failed;
	task.done = done;
	b->undone = crew_run(&task);
	note_unknown(b, before + task.jobs - b->undone);
	send_undone(b, &task);
	batch_flush(b);
	source->ops->shared(source);
	return true;
}
