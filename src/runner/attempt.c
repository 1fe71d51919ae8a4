/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/attempt.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/exit_status.h"
#include "submit/submission_log.h"

static void replace_text(char **text, const char *with)
{
	char *copy = with ? xstrdup(with) : NULL;
	free(*text);
	*text = copy;
}

/* ---- recipients ------------------------------------------------------------- */

/* What was uncertain once remains a possible second copy, however this attempt ended. */
static void take_outcome(struct queue_rcpt *rcpt, const struct outcome *o, const struct delivery_result *r, int64_t now)
{
	rcpt->state = o->kind == OUTCOME_ACCEPTED  ? RCPT_ACCEPTED
		      : o->kind == OUTCOME_UNKNOWN ? RCPT_UNCERTAIN
						   : RCPT_OPEN;
	rcpt->possible_duplicate |= o->kind == OUTCOME_UNKNOWN;
	rcpt->error = o->kind == OUTCOME_ACCEPTED ? ERROR_NONE : o->error;
	rcpt->code = o->code;
	memcpy(rcpt->enhanced, o->enhanced, sizeof(rcpt->enhanced));
	replace_text(&rcpt->text, o->text);
	replace_text(&rcpt->server, o->server);
	replace_text(&rcpt->host, r->host);
	rcpt->last_attempt = now;
	if (o->kind == OUTCOME_ACCEPTED)
		rcpt->relayed_without_dsn = !caps_has(&r->caps, CAP_DSN);
}

static void take_error(struct queue_rcpt *rcpt, const struct error *err, int64_t now)
{
	rcpt->error = err->kind;
	rcpt->code = 0;
	rcpt->enhanced[0] = '\0';
	replace_text(&rcpt->text, err->text);
	replace_text(&rcpt->server, NULL);
	rcpt->last_attempt = now;
}

/* ---- the whole -------------------------------------------------------------- */

static char *with_server(const char *text, int code, const char *server)
{
	const char *words = text ? text : _("failed");
	if (!server)
		return xstrdup(words);
	return code ? xasprintf("%s: %d %s", words, code, server) : xasprintf("%s: %s", words, server);
}

static void verdict_of_error(struct attempt_result *v, const struct error *err)
{
	v->kind = err->kind;
	v->code = err->code;
	memcpy(v->enhanced, err->enhanced, sizeof(v->enhanced));
	v->stage = err->stage ? xstrdup(err->stage) : NULL;
	v->text = with_server(err->text, err->code, err->server);
	v->hint = err->hint ? xstrdup(err->hint) : NULL;
}

static void verdict_of_outcome(struct attempt_result *v, const struct outcome *o, const char *recipient)
{
	v->kind = o->error;
	v->code = o->code;
	memcpy(v->enhanced, o->enhanced, sizeof(v->enhanced));
	v->stage = xasprintf("RCPT TO:<%s>", recipient);
	v->text = with_server(o->text, o->code, o->server);
	v->hint = o->hint ? xstrdup(o->hint) : NULL;
}

static void take_verdict(struct attempt_result *v, const struct delivery_result *r, const struct envelope *env)
{
	size_t left = 0;
	while (left < r->n && r->outcomes[left].kind == OUTCOME_ACCEPTED)
		left++;
	v->host = r->host ? xstrdup(r->host) : NULL;
	v->in_transaction = r->stage >= DELIVERY_TRANSACTION;
	if (left == r->n) {
		v->code = r->code;
		v->text = r->final_text ? xstrdup(r->final_text) : NULL;
	} else if (r->error.kind != ERROR_NONE) {
		verdict_of_error(v, &r->error);
	} else {
		verdict_of_outcome(v, &r->outcomes[left], env->rcpts[left].address.given);
	}
}

/* ---- the attempt ------------------------------------------------------------ */

static struct transport *make_courier(const struct attempt_request *req)
{
	return transport_new(&(struct delivery_request){
		.account = req->queued->p.account,
		.message = &req->queued->p.ready,
		.state_home = account_bool(req->queued->p.account, OPT_EARLY_PIPELINING) ? req->state_home : NULL,
		.clock = req->runtime->clock,
		.resolver = &resolver_system,
		.may_prompt = req->show != NULL,
		.keyring_helper = req->runtime->keyring_helper,
	});
}

static void carry(const struct attempt_request *req, struct spool_entry *entry, const size_t *index,
		  struct attempt_result *verdict)
{
	struct submission *p = &req->queued->p;
	struct queue_item *item = spool_entry_item(entry);
	struct delivery_result result;
	if (!*req->transport)
		*req->transport = make_courier(req);
	transport_send(*req->transport, &p->ready, &result);
	int status = exit_status_of(&result);
	if (req->show && status)
		req->show(p, &result);
	submission_log(p, &req->queued->request, req->runtime,
		       &(struct submission_log_entry){.result = &result, .status = status});
	int64_t now = clock_wall(req->runtime->clock);
	for (size_t i = 0; i < result.n; i++)
		take_outcome(&item->rcpts[index[i]], &result.outcomes[i], &result, now);
	take_verdict(verdict, &result, &p->env);
	delivery_result_release(&result);
}

/* The message itself cannot be read: its own fault, and nobody else's. */
static void unreadable(const struct attempt_request *req, struct queue_item *item, const struct error *err,
		       struct attempt_result *verdict)
{
	int64_t now = clock_wall(req->runtime->clock);
	for (size_t i = 0; i < item->n; i++)
		if (item->rcpts[i].state == RCPT_OPEN || item->rcpts[i].state == RCPT_UNCERTAIN)
			take_error(&item->rcpts[i], err, now);
	verdict_of_error(verdict, err);
	verdict->in_transaction = true;
}

void attempt_deliver(const struct attempt_request *req, struct spool_entry *entry, struct attempt_result *verdict)
{
	AUTO(error) err = ERROR_INIT;
	struct queue_item *item = spool_entry_item(entry);
	AUTO_FREE size_t *index = xcalloc(item->n ? item->n : 1, sizeof(*index));
	if (route_load_message(req->queued, entry, clock_wall(req->runtime->clock), index, &err))
		carry(req, entry, index, verdict);
	else
		unreadable(req, item, &err, verdict);
	route_unload_message(req->queued);
}

void attempt_died(struct route *q, struct spool_entry *entry, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	struct queue_item *item = spool_entry_item(entry);
	AUTO_FREE size_t *index = xcalloc(item->n ? item->n : 1, sizeof(*index));
	if (!q->ready || !route_load_message(q, entry, clock_wall(runtime->clock), index, &err))
		return;
	(void)error_set(
		&err, ERROR_UNCERTAIN, "%s",
		_("the program or the machine stopped while the message was being sent; it may have been delivered"));
	submission_log(&q->p, &q->request, runtime,
		       &(struct submission_log_entry){.err = &err, .status = error_kind_status(err.kind)});
	route_unload_message(q);
}
