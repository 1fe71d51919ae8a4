/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sending. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "cli/debug.h"
#include "transport/exit_status.h"
#include "runner/enqueue.h"
#include "submit/submission_log.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"
#include "message/wire.h"
#include "submit/submission_read.h"
#include "transport/deliver.h"

#include <sysexits.h>

/* The warnings were printed already. */
static int report_failure(const struct args *args, const struct settings *settings, const struct submission *p,
			  const struct error *err)
{
	AUTO(strvec) notes = STRVEC_INIT;
	int status = error_kind_exit_status(err->status.kind);
	print_problem(print_errors(), err);
	strvec_push_all(&notes, &settings->config.warnings);
	strvec_push_all(&notes, &p->warnings);
	if (args->request.given[OPT_JSON])
		print_result_json(stdout, p, NULL, err, &notes, status);
	return status;
}

static void try_now(const struct args *args, const struct settings *settings, const struct submission *p,
		    const struct runtime *runtime, struct delivery_result *result)
{
	struct delivery_message message = submission_message(p);
	struct delivery_request req =
		delivery_request_make(runtime, p->account, (struct delivery_task){DELIVERY_SEND, .message = &message});
	if (args->request.given[OPT_DEBUG])
		debug_listen(&req, settings);
	deliver(&req, result);
}

/* Try to deliver; queue temporary failures.  If queueing fails, report the delivery error. */
static void send_or_queue(const struct args *args, const struct settings *settings, struct submission *p,
			  const struct runtime *runtime, struct delivery_result *result)
{
	AUTO(error) err = ERROR_INIT;
	int64_t started = clock_wall(runtime->clock);
	try_now(args, settings, p, runtime, result);
	enqueue_report(p, &args->request, runtime, result, started);
	if (enqueue_mode_of(p->account, args->request.delivery) == ENQUEUE_OFF ||
	    enqueue_remaining(p, &args->request, runtime, result, started, &err))
		return;
	print_problem(print_errors(), &err);
}

static bool queue_first(const struct args *args, struct submission *p, const struct runtime *runtime,
			struct delivery_result *result, struct error *err)
{
	if (!enqueue_all(p, &args->request, runtime, err))
		return false;
	delivery_result_begin(result, &p->env);
	result->size = wire_size(strbuf_span(&p->header), &p->message.info);
	for (size_t i = 0; i < result->n; i++)
		if (!p->env.rcpts[i].refused)
			result->outcomes[i].kind = OUTCOME_QUEUED;
	if (args->request.given[OPT_DEBUG])
		(void)printf(_("queued as %s\n"), p->queue_id);
	return true;
}

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

/* Shows and logs what became of the message. */
static void report(const struct args *args, struct settings *settings, const struct submission *p,
		   const struct runtime *runtime, struct delivery_result *result, int status)
{
	AUTO(strvec) notes = STRVEC_INIT;
	struct noting noting = {*runtime, runtime, &notes};
	noting.runtime.problem = note_problem;
	print_result(print_errors(), p, result);
	strvec_push_all(&result->warnings, &settings->config.warnings); /* these were printed already */
	strvec_push_all(&result->warnings, &p->warnings);
	strvec_push_all(&notes, &result->warnings);
	print_result_queued(p, result, &notes);
	submission_log(p, settings, &args->request, &noting.runtime,
		       &(struct submission_log_entry){.result = result, .status = status});
	enqueue_wake(p, &args->request, &noting.runtime);
	if (args->request.given[OPT_JSON])
		print_result_json(stdout, p, result, NULL, &notes, status);
}

static int send_message(const struct args *args, struct settings *settings, struct submission *p,
			const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	struct delivery_result result;
	if (!p->env.n && !p->needs_no_recipient) { /* the aliases of all recipients are /dev/null */
		delivery_result_begin(&result, &p->env);
	} else if (enqueue_mode_of(p->account, args->request.delivery) != ENQUEUE_ALWAYS) {
		send_or_queue(args, settings, p, runtime, &result);
	} else if (!queue_first(args, p, runtime, &result, &err)) {
		int failure = report_failure(args, settings, p, &err);
		submission_log(p, settings, &args->request, runtime,
			       &(struct submission_log_entry){.err = &err, .status = failure});
		return failure;
	}
	int status = exit_status_of(&result);
	report(args, settings, p, runtime, &result, status);
	delivery_result_release(&result);
	return status;
}

int mode_send(const struct args *args, const struct runtime *runtime)
{
	AUTO(settings) settings = SETTINGS_INIT;
	struct submission p;
	struct error err = ERROR_INIT;
	submission_init(&p, runtime);
	bool ready = submission_read(&p, &settings, &args->request, runtime, &err);
	print_warnings(print_errors(), &settings.config.warnings);
	print_warnings(print_errors(), &p.warnings);
	int status = ready ? send_message(args, &settings, &p, runtime) : report_failure(args, &settings, &p, &err);
	if (!ready)
		submission_log(&p, &settings, &args->request, runtime,
			       &(struct submission_log_entry){.err = &err, .status = status});
	error_release(&err);
	submission_release(&p);
	return status;
}
