/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/attempt.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/exit_status.h"
#include "submit/submission_log.h"

/* ---- recipients ------------------------------------------------------------- */

/* What was uncertain once remains a possible second copy, however this attempt ended. */
static void take_outcome(struct queue_rcpt *rcpt, const struct outcome *o, const struct delivery_result *r, int64_t now)
{
	rcpt->state = o->kind == OUTCOME_ACCEPTED  ? RCPT_ACCEPTED
		      : o->kind == OUTCOME_UNKNOWN ? RCPT_UNCERTAIN
						   : RCPT_OPEN;
	rcpt->possible_duplicate |= o->kind == OUTCOME_UNKNOWN;
	rcpt->error = o->kind == OUTCOME_ACCEPTED ? ERROR_NONE : o->status.kind;
	rcpt->code = o->status.code;
	memcpy(rcpt->enhanced, o->status.enhanced, sizeof(rcpt->enhanced));
	xreplace(&rcpt->text, o->status.text);
	xreplace(&rcpt->server, o->status.server.line);
	xreplace(&rcpt->host, r->host);
	rcpt->last_attempt = now;
	if (o->kind == OUTCOME_ACCEPTED)
		rcpt->relayed_without_dsn = !caps_has(&r->caps, CAP_DSN);
}

static void take_error(struct queue_rcpt *rcpt, const struct error *err, int64_t now)
{
	rcpt->error = err->status.kind;
	rcpt->code = 0;
	rcpt->enhanced[0] = '\0';
	xreplace(&rcpt->text, err->status.text);
	xreplace(&rcpt->server, NULL);
	rcpt->last_attempt = now;
}

/* ---- the whole -------------------------------------------------------------- */

static void verdict_of_status(struct attempt_result *v, const struct status *status)
{
	struct strbuf words = STRBUF_INIT;
	status_format_words(status, &words);
	v->kind = status->kind;
	v->code = status->code;
	memcpy(v->enhanced, status->enhanced, sizeof(v->enhanced));
	v->stage = xstrdup_null(status->stage);
	v->text = strbuf_detach(&words, NULL);
	v->hint = xstrdup_null(status->hint);
}

static void take_verdict(struct attempt_result *v, const struct delivery_result *r)
{
	const struct status *why = delivery_result_leading(r);
	v->host = xstrdup_null(r->host);
	v->in_transaction = r->stage >= DELIVERY_TRANSACTION;
	if (why) {
		verdict_of_status(v, why);
	} else {
		v->code = r->final.code;
		v->text = xstrdup_null(r->final.server.line);
	}
}

/* ---- the attempt ------------------------------------------------------------ */

static struct transport *make_transport(const struct attempt_request *req)
{
	struct delivery_request how = delivery_request_make(req->runtime, req->route->settings.account,
							    (struct delivery_task){.kind = DELIVERY_SEND});
	how.may_prompt = req->show != NULL;
	return transport_new(&how);
}

static void carry(const struct attempt_request *req, struct spool_entry *entry, const size_t *index,
		  struct attempt_result *verdict)
{
	struct submission *p = &req->route->p;
	struct queue_item *item = spool_entry_item(entry);
	struct delivery_result result;
	if (!*req->transport)
		*req->transport = make_transport(req);
	struct delivery_message message = submission_message(p);
	transport_send(*req->transport, &message, &result);
	int status = exit_status_of(&result);
	if (req->show && status)
		req->show(p, &result);
	submission_log(p, &req->route->settings, NULL, req->runtime,
		       &(struct submission_log_entry){.result = &result, .status = status});
	int64_t now = clock_wall(req->runtime->clock);
	for (size_t i = 0; i < result.n; i++)
		take_outcome(&item->rcpts[index[i]], &result.outcomes[i], &result, now);
	take_verdict(verdict, &result);
	delivery_result_release(&result);
}

/* The message cannot be read at the moment: its own fault, other messages are tried. */
static void unreadable(const struct attempt_request *req, struct queue_item *item, const struct error *err,
		       struct attempt_result *verdict)
{
	int64_t now = clock_wall(req->runtime->clock);
	for (size_t i = 0; i < item->n; i++)
		if (item->rcpts[i].state == RCPT_OPEN || item->rcpts[i].state == RCPT_UNCERTAIN)
			take_error(&item->rcpts[i], err, now);
	verdict_of_status(verdict, &err->status);
	verdict->in_transaction = true;
}

void attempt_deliver(const struct attempt_request *req, struct spool_entry *entry, struct attempt_result *verdict)
{
	AUTO(error) err = ERROR_INIT;
	struct queue_item *item = spool_entry_item(entry);
	AUTO_FREE size_t *index = xcalloc(item->n ? item->n : 1, sizeof(*index));
	if (route_load_message(req->route, entry, clock_wall(req->runtime->clock), index, &err))
		carry(req, entry, index, verdict);
	else if (err.status.kind == ERROR_DAMAGED)
		verdict_of_status(verdict, &err.status);
	else
		unreadable(req, item, &err, verdict);
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
