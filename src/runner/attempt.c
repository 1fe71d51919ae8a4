/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/attempt.h"

#include "base/i18n.h"
#include "base/xalloc.h"
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

static struct transport *make_transport(const struct attempt_request *req)
{
	struct delivery_request how = delivery_request_make(req->runtime, req->route->settings.account,
							    (struct delivery_task){.kind = DELIVERY_SEND});
	how.may_prompt = req->show != NULL;
	return transport_new(&how);
}

bool attempt_mark(struct spool_entry *entry, int64_t now, struct error *err)
{
	return spool_entry_item(entry)->in_flight || spool_mark(entry, now, err);
}

struct marking {
	const struct attempt_request *req;
	struct spool_entry *entry;
	struct attempt_result *attempt;
};

static bool mark(void *arg, struct error *err)
{
	struct marking *m = arg;
	m->attempt->unmarked = !attempt_mark(m->entry, clock_wall(m->req->runtime->clock), err);
	return !m->attempt->unmarked;
}

/* The queue tries again: a user who followed that advice, too, would send the message twice. */
static void drop_hints_again(struct delivery_result *result)
{
	status_drop_hint_again(&result->error.status);
	for (size_t i = 0; i < result->n; i++)
		status_drop_hint_again(&result->outcomes[i].status);
}

static void send_message(const struct attempt_request *req, struct spool_entry *entry, const size_t *index,
			 struct attempt_result *attempt)
{
	struct submission *p = &req->route->p;
	struct queue_item *item = spool_entry_item(entry);
	struct delivery_result result;
	if (!*req->transport)
		*req->transport = make_transport(req);
	struct delivery_message message = submission_message(p);
	struct marking marking = {req, entry, attempt};
	struct delivery_task task = {DELIVERY_SEND, .message = &message, .ready = mark, .ready_arg = &marking};
	transport_perform(*req->transport, &task, &result);
	if (attempt->unmarked) { /* the disk failed, and nothing was sent */
		status_copy(&attempt->status, &result.error.status);
		delivery_result_release(&result);
		return;
	}
	int status = exit_status_of(&result);
	drop_hints_again(&result);
	if (req->show && status)
		req->show(p, &result);
	submission_log(p, &req->route->settings, NULL, req->runtime,
		       &(struct submission_log_entry){.result = &result, .status = status});
	int64_t now = clock_wall(req->runtime->clock);
	for (size_t i = 0; i < result.n; i++) {
		struct queue_rcpt *rcpt = &item->rcpts[index[i]];
		attempt_take_outcome(rcpt, &result.outcomes[i], now);
		rcpt->relayed_without_dsn |= rcpt->state == RCPT_ACCEPTED && !caps_has(&result.caps, CAP_DSN);
	}
	const struct status *leading = delivery_result_leading(&result);
	status_copy(&attempt->status, leading ? leading : &result.final);
	attempt->in_transaction = result.stage >= DELIVERY_TRANSACTION;
	delivery_result_release(&result);
}

void attempt_deliver(const struct attempt_request *req, struct spool_entry *entry, struct attempt_result *attempt)
{
	AUTO(error) err = ERROR_INIT;
	struct queue_item *item = spool_entry_item(entry);
	AUTO_FREE size_t *index = xcalloc(item->n ? item->n : 1, sizeof(*index));
	if (route_load_message(req->route, entry, clock_wall(req->runtime->clock), index, &err)) {
		send_message(req, entry, index, attempt);
	} else {
		/* it cannot be read at the moment, or is damaged: that is no reason not to try other messages */
		status_copy(&attempt->status, &err.status);
		attempt->in_transaction = true;
		if (err.status.kind != ERROR_DAMAGED)
			queue_item_set_status(item, clock_wall(req->runtime->clock), &err.status);
	}
	route_unload_message(req->route);
}

void attempt_died(struct route *route, struct spool_entry *entry, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	struct queue_item *item = spool_entry_item(entry);
	AUTO_FREE size_t *index = xcalloc(item->n ? item->n : 1, sizeof(*index));
	if (route->broken.status.kind != ERROR_NONE ||
	    !route_load_message(route, entry, clock_wall(runtime->clock), index, &err))
		return;
	(void)error_set(
		&err, ERROR_UNCERTAIN, "%s",
		_("the program or the machine stopped while the message was being sent; it may have been delivered"));
	submission_log(&route->p, &route->settings, NULL, runtime,
		       &(struct submission_log_entry){.err = &err, .status = error_kind_exit_status(err.status.kind)});
	route_unload_message(route);
}
