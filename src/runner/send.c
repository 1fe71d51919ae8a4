/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/send.h"

#include "base/xalloc.h"
#include "message/wire.h"
#include "runner/archive.h"
#include "runner/enqueue.h"
#include "runner/fallback.h"
#include "submit/submission_log.h"
#include "transport/deliver.h"
#include "transport/exit_status.h"
#include "transport/transport.h"

void send_result_release(struct send_result *sent)
{
	if (sent->delivered)
		delivery_result_release(&sent->delivery);
	error_release(&sent->err);
	strvec_release(&sent->warnings);
	strvec_release(&sent->notes);
}

/* ---- trying and queueing ---- */

static bool is_ready(const struct send_request *how, struct error *err)
{
	return !how->ready || how->ready(how->ready_arg, err);
}

static bool has_queue(const struct send_request *how, const struct submission *p)
{
	return enqueue_mode_of(p->account, how->request->delivery) != ENQUEUE_OFF;
}

/* After a delivery that began at that time: queues temporary failures.  If queueing fails, the delivery's error is
 * reported. */
static void queue_rest(const struct send_request *how, struct submission *p, struct delivery_result *result,
		       int64_t started)
{
	AUTO(error) err = ERROR_INIT;
	enqueue_report(p, how->request, how->runtime, result, started);
	if (!has_queue(how, p) ||
	    (is_ready(how, &err) && enqueue_remaining(p, how->request, how->runtime, result, started, &err)))
		return;
	runtime_problem(how->runtime, &err);
}

static bool queue_first(const struct send_request *how, struct submission *p, struct send_result *sent)
{
	struct delivery_result *result = &sent->delivery;
	if (!is_ready(how, &sent->err) || !enqueue_all(p, how->request, how->runtime, &sent->err))
		return false;
	sent->kept = true;
	delivery_result_begin(result, &p->env);
	result->size = wire_size(strbuf_span(&p->header), &p->message.info);
	for (size_t i = 0; i < result->n; i++)
		if (!p->env.rcpts[i].refused)
			result->outcomes[i].kind = OUTCOME_QUEUED;
	return true;
}

static bool goes_to_queue(const struct send_request *how, struct submission *p)
{
	return enqueue_goes_first(p, how->request, how->runtime) || (how->queue_only && has_queue(how, p));
}

/* ---- what is said about it ---- */

/* A problem that does not stop the work is shown, and stands among the notes. */
struct noting {
	struct runtime runtime;
	const struct runtime *outer;
	struct strvec *notes;
};

static void note_problem(const struct runtime *runtime, const struct error *err)
{
	const struct noting *n = (const void *)runtime;
	AUTO(strbuf) line = STRBUF_INIT;
	status_format(&err->status, &line);
	strvec_push(n->notes, line.buf);
	runtime_problem(n->outer, err);
}

static void report(const struct send_request *how, const struct submission *p, struct send_result *sent)
{
	struct noting noting = {*how->runtime, how->runtime, &sent->notes};
	struct delivery_result *result = sent->delivered ? &sent->delivery : NULL;
	noting.runtime.problem = note_problem;
	if (result)
		strvec_push_all(&sent->notes, &result->warnings);
	strvec_push_all(&sent->notes, &sent->warnings);
	if (how->show)
		how->show(how->arg, p, sent);
	if (result)
		strvec_push_all(&result->warnings, &sent->warnings);
	submission_log(p, how->settings, how->request, &noting.runtime,
		       &(struct submission_log_entry){.result = result, .err = &sent->err, .status = sent->status});
	if (result && !how->asleep)
		enqueue_wake(p, how->request, &noting.runtime);
}

static void begin(const struct send_request *how, const struct submission *p, struct send_result *sent)
{
	*sent = (struct send_result){.err = ERROR_INIT, .warnings = STRVEC_INIT, .notes = STRVEC_INIT};
	strvec_push_all(&sent->warnings, &how->settings->config.warnings);
	strvec_push_all(&sent->warnings, &p->warnings);
}

static void finish(const struct send_request *how, const struct submission *p, struct send_result *sent)
{
	sent->status =
		sent->delivered ? exit_status_of(&sent->delivery) : error_kind_exit_status(sent->err.status.kind);
	report(how, p, sent);
}

/* ---- on its way ---- */

struct posting {
	struct send_request how;
	struct submission *p;
	struct send_result *sent;
	struct delivery_message message;
	int64_t started;
	void (*done)(void *arg);
	void *done_arg;
};

static void try_others(const struct posting *posting)
{
	const struct send_request *how = &posting->how;
	fallback_try(
		&(struct fallback){.settings = how->settings,
				   .runtime = how->runtime,
				   .task = {DELIVERY_SEND, .message = &posting->message, how->ready, how->ready_arg},
				   .may_prompt = true,
				   .listen = how->listen,
				   .arg = how->arg},
		posting->p, &posting->sent->delivery);
}

static void posting_done(void *arg)
{
	AUTO_FREE struct posting *posting = arg;
	const struct send_request *how = &posting->how;
	struct submission *p = posting->p;
	struct send_result *sent = posting->sent;
	sent->delivered = true;
	sent->given_away = how->gives_away && how->gives_away(how->arg, &sent->delivery);
	if (!sent->given_away) {
		try_others(posting);
		archive_accepted(p, strbuf_span(&p->bcc), how->runtime, &sent->delivery);
		queue_rest(how, p, &sent->delivery, posting->started);
		finish(how, p, sent);
	}
	posting->done(posting->done_arg);
}

static void deliver_now(const struct posting *posting, const struct delivery_task *task)
{
	const struct send_request *how = &posting->how;
	struct delivery_request req = delivery_request_make(how->runtime, posting->p->account, *task);
	if (how->listen)
		how->listen(how->arg, &req);
	deliver(&req, &posting->sent->delivery);
}

static void post(const struct send_request *how, struct posting made)
{
	struct posting *posting = xcalloc(1, sizeof(*posting));
	*posting = made;
	posting->how = *how;
	posting->message = submission_message(made.p);
	posting->started = clock_wall(how->runtime->clock);
	struct delivery_task task = {DELIVERY_SEND, .message = &posting->message, how->ready, how->ready_arg};
	if (how->transport) {
		transport_post(how->transport, &task, &made.sent->delivery, posting_done, posting);
		return;
	}
	deliver_now(posting, &task);
	posting_done(posting);
}

void send_post(const struct send_request *how, struct submission *p, struct send_result *sent, void (*done)(void *arg),
	       void *done_arg)
{
	begin(how, p, sent);
	if (!p->env.n && !p->needs_no_recipient) { /* the aliases of all recipients are /dev/null */
		delivery_result_begin(&sent->delivery, &p->env);
		sent->delivered = true;
	} else if (goes_to_queue(how, p)) {
		sent->delivered = queue_first(how, p, sent);
	} else {
		post(how, (struct posting){.p = p, .sent = sent, .done = done, .done_arg = done_arg});
		return;
	}
	finish(how, p, sent);
	done(done_arg);
}

static void nothing_else(void *arg)
{
	(void)arg;
}

void send_submission(const struct send_request *how, struct submission *p, struct send_result *sent)
{
	send_post(how, p, sent, nothing_else, NULL);
	if (how->transport)
		transport_flush(how->transport);
}

void send_settled(const struct send_request *how, struct submission *p, struct error *err, struct send_result *sent)
{
	begin(how, p, sent);
	sent->delivered = true;
	delivery_result_begin(&sent->delivery, &p->env);
	error_move(&sent->delivery.error, err);
	delivery_result_settle(&sent->delivery);
	finish(how, p, sent);
}

void send_failed(const struct send_request *how, const struct submission *p, struct error *err,
		 struct send_result *sent)
{
	begin(how, p, sent);
	error_move(&sent->err, err);
	finish(how, p, sent);
}
