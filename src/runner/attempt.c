/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/attempt.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "runner/archive.h"
#include "runner/fallback.h"
#include "transport/exit_status.h"
#include "submit/submission_log.h"

/* possible_duplicate stays set: a recipient that was UNCERTAIN once may have a copy, however this attempt ended. */
void attempt_take_outcome(struct queue_rcpt *rcpt, const struct outcome *o, int64_t now)
{
	rcpt->state = o->kind == OUTCOME_ACCEPTED  ? RCPT_ACCEPTED
		      : o->kind == OUTCOME_UNKNOWN ? RCPT_UNCERTAIN
						   : RCPT_OPEN;
	rcpt->possible_duplicate |= o->kind == OUTCOME_UNKNOWN;
	rcpt->last_attempt = now;
	status_copy(&rcpt->status, &o->status);
	status_drop_hint_again(&rcpt->status);
}

/* ---- the attempt ------------------------------------------------------------ */

struct attempt {
	struct attempt_request req;
	struct spool_entry *entry;
	struct attempt_result *out;
	void (*done)(void *arg);
	void *arg;
	struct submission p;
	size_t *index; /* place in the item of each recipient of p */
	struct delivery_message message;
	struct delivery_result result;
};

static struct transport *make_transport(const struct attempt_request *req)
{
	struct delivery_request how = delivery_request_make(req->runtime, req->route->settings.account,
							    (struct delivery_task){.kind = DELIVERY_SEND});
	how.may_prompt = req->show != NULL;
	return transport_new(&how);
}

static int64_t now_of(const struct attempt *a)
{
	return clock_wall(a->req.runtime->clock);
}

bool attempt_mark(struct spool_entry *entry, int64_t now, struct error *err)
{
	return spool_entry_item(entry)->in_flight || spool_mark(entry, now, err);
}

static bool mark(void *arg, struct error *err)
{
	const struct attempt *a = arg;
	a->out->unmarked = !attempt_mark(a->entry, now_of(a), err);
	return !a->out->unmarked;
}

/* The queue tries again: a user who followed that advice, too, would send the message twice. */
static void drop_hints_again(struct delivery_result *result)
{
	status_drop_hint_again(&result->error.status);
	for (size_t i = 0; i < result->n; i++)
		status_drop_hint_again(&result->outcomes[i].status);
}

static void take_result(struct attempt *a)
{
	const struct attempt_request *req = &a->req;
	struct delivery_result *result = &a->result;
	struct queue_item *item = spool_entry_item(a->entry);
	int status = exit_status_of(result);
	a->p.archived = !item->archive;
	if (item->archive)
		archive_accepted(&a->p, span_of(item->archive), req->runtime, result);
	if (a->p.archived)
		xreplace(&item->archive, NULL);
	drop_hints_again(result);
	if (req->show && status)
		req->show(&a->p, result);
	submission_log(&a->p, &req->route->settings, NULL, req->runtime,
		       &(struct submission_log_entry){.result = result, .status = status});
	int64_t now = now_of(a);
	for (size_t i = 0; i < result->n; i++) {
		struct queue_rcpt *rcpt = &item->rcpts[a->index[i]];
		attempt_take_outcome(rcpt, &result->outcomes[i], now);
		rcpt->relayed_without_dsn |= rcpt->state == RCPT_ACCEPTED && !caps_has(&result->caps, CAP_DSN);
	}
	const struct status *leading = delivery_result_leading(result);
	status_copy(&a->out->status, leading ? leading : &result->final);
	a->out->in_transaction = result->stage >= DELIVERY_TRANSACTION;
}

static void end_attempt(struct attempt *a)
{
	void (*done)(void *arg) = a->done;
	void *arg = a->arg;
	submission_release(&a->p);
	free(a->index);
	free(a);
	done(arg);
}

static void try_others(struct attempt *a)
{
	struct fallback other = {.settings = &a->req.route->settings,
				 .runtime = a->req.runtime,
				 .task = {DELIVERY_SEND, .message = &a->message, .ready = mark, .ready_arg = a},
				 .may_prompt = a->req.show != NULL};
	fallback_try(&other, &a->p, &a->result);
}

/* The result is complete. */
static void attempt_delivered(void *arg)
{
	struct attempt *a = arg;
	if (!a->out->unmarked && !a->result.returned)
		try_others(a);
	if (a->out->unmarked) /* the disk failed, and nothing was sent */
		status_copy(&a->out->status, &a->result.error.status);
	else if (a->result.returned)
		a->out->returned = true;
	else
		take_result(a);
	delivery_result_release(&a->result);
	end_attempt(a);
}

static void send_message(struct attempt *a)
{
	struct transport **transport = a->req.transport;
	if (!*transport)
		*transport = make_transport(&a->req);
	a->message = submission_message(&a->p);
	struct delivery_task task = {DELIVERY_SEND, .message = &a->message, .ready = mark, .ready_arg = a,
				     .returnable = true};
	transport_post(*transport, &task, &a->result, attempt_delivered, a);
}

void attempt_begin(const struct attempt_request *req, struct spool_entry *entry, struct attempt_result *attempt,
		   void (*done)(void *arg), void *arg)
{
	AUTO(error) err = ERROR_INIT;
	struct queue_item *item = spool_entry_item(entry);
	struct attempt *a = xcalloc(1, sizeof(*a));
	*a = (struct attempt){.req = *req, .entry = entry, .out = attempt, .done = done, .arg = arg};
	a->index = xcalloc(item->n ? item->n : 1, sizeof(*a->index));
	submission_init(&a->p, req->runtime);
	if (route_load_message(req->route, entry, now_of(a), &a->p, a->index, &err)) {
		send_message(a);
		return;
	}
	/* it cannot be read at the moment, or is damaged: that is no reason not to try other messages */
	status_copy(&attempt->status, &err.status);
	attempt->in_transaction = true;
	if (err.status.kind != ERROR_DAMAGED)
		queue_item_set_status(item, now_of(a), &err.status);
	end_attempt(a);
}

void attempt_make_room(struct transport *transport)
{
	if (transport)
		transport_make_room(transport);
}

void attempt_settle(struct transport *transport)
{
	if (transport)
		transport_flush(transport);
}

void attempt_died(struct route *route, struct spool_entry *entry, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	struct queue_item *item = spool_entry_item(entry);
	AUTO_FREE size_t *index = xcalloc(item->n ? item->n : 1, sizeof(*index));
	struct submission p;
	if (route->broken.status.kind != ERROR_NONE)
		return;
	submission_init(&p, runtime);
	if (route_load_message(route, entry, clock_wall(runtime->clock), &p, index, &err)) {
		(void)error_set(&err, ERROR_UNCERTAIN, "%s",
				_("the program or the machine stopped while the message was being sent; it may have "
				  "been delivered"));
		submission_log(&p, &route->settings, NULL, runtime,
			       &(struct submission_log_entry){.err = &err,
							      .status = error_kind_exit_status(err.status.kind)});
	}
	submission_release(&p);
}
