/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/batch.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "runner/enqueue.h"
#include "runner/spawn.h"
#include "submit/submission_read.h"
#include "transport/transport.h"

#include <signal.h>
#include <sysexits.h>

/* An account, and the session with its server. */
struct route {
	struct account *account;
	struct transport *transport;
	bool answered; /* the server has: the queue was looked at */
	bool queued;   /* the runner is to be started */
	bool away;     /* the server cannot be reached: what follows is queued untried */
};

struct batch {
	const struct batch_request *req;
	struct batch_tally *tally;
	struct error *err;
	struct request request; /* with what the source implies; the rest is borrowed */
	struct route *routes;
	size_t n, cap;
	bool stopped;
	bool later; /* a message may succeed later */
};

/* The message at hand. */
struct batch_slot {
	struct batch *batch;
	struct batch_message message;
	struct submission p;
	struct route *route;
};

/* ---- signals ---- */

static volatile sig_atomic_t signalled;
static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};

static void note_signal(int number)
{
	signalled = number;
}

/* The handler is used once, so that a second signal ends the process. */
static void catch_signals(struct sigaction *before)
{
	struct sigaction once = {.sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND};
	signalled = 0;
	for (size_t i = 0; i < ARRAY_SIZE(ending_signals); i++)
		if (sigaction(ending_signals[i], NULL, &before[i]) == 0 && before[i].sa_handler != SIG_IGN)
			(void)sigaction(ending_signals[i], &once, NULL);
}

static void restore_signals(const struct sigaction *before)
{
	for (size_t i = 0; i < ARRAY_SIZE(ending_signals); i++)
		(void)sigaction(ending_signals[i], &before[i], NULL);
}

/* ---- routes ---- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Configuration and command line are the same for all messages, so accounts of one name differ in what is made from the
 * message only: the sender, and names in domain. */
static struct route *find_route(struct batch *b, const struct account *a)
{
	for (size_t i = 0; i < b->n; i++)
		if (strcmp(b->routes[i].account->name, a->name) == 0 &&
		    same_text(account_str(b->routes[i].account, OPT_DOMAIN), account_str(a, OPT_DOMAIN)))
			return &b->routes[i];
	return NULL;
}

static struct account *copy_account(const struct account *from)
{
	struct account *a = account_new(from->name, from->flavour, from->environ);
	account_merge(a, from);
	a->defined = from->defined;
	return a;
}

static struct route *route_for(struct batch *b, const struct account *a)
{
	struct route *route = find_route(b, a);
	if (route)
		return route;
	GROW(b->routes, b->n, b->cap);
	route = &b->routes[b->n++];
	*route = (struct route){.account = copy_account(a)};
	struct delivery_request req =
		delivery_request_make(b->req->runtime, route->account, (struct delivery_task){.kind = DELIVERY_SEND});
	if (b->req->listen)
		b->req->listen(b->req->arg, &req);
	route->transport = transport_new(&req);
	return route;
}

/* Starts the queue's runner for what it has got. */
static void wake_runner(const struct batch *b, const struct route *route)
{
	AUTO(error) err = ERROR_INIT;
	if (!route->queued || !account_bool(route->account, OPT_QUEUE_AUTOSTART) || runner_spawn(b->req->runtime, &err))
		return;
	error_prefix(&err, "%s", _("messages are queued, but are not sent automatically"));
	runtime_problem(b->req->runtime, &err);
}

static void end_routes(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		transport_free(b->routes[i].transport);
		wake_runner(b, &b->routes[i]);
		account_free(b->routes[i].account);
	}
	free(b->routes);
}

/* ---- one message ---- */

static bool mark(void *arg, struct error *err)
{
	struct batch_slot *slot = arg;
	struct batch_source *source = slot->batch->req->source;
	return !source->ops->begin || source->ops->begin(source, &slot->message, err);
}

static void show(void *arg, const struct submission *p, struct send_result *sent)
{
	const struct batch_slot *slot = arg;
	const struct batch_request *how = slot->batch->req;
	how->show(how->arg, &slot->message, p, sent);
}

/* Removes recipients who have the message from an earlier run. */
static void drop_served(struct batch_slot *slot)
{
	struct envelope *env = &slot->p.env;
	size_t kept = 0;
	for (size_t i = 0; i < env->n; i++) {
		AUTO(envelope) served = ENVELOPE_INIT;
		if (strvec_has(&slot->message.served, env->rcpts[i].address.given))
			envelope_move(&served, &env->rcpts[i]);
		else
			env->rcpts[kept++] = env->rcpts[i];
	}
	env->n = kept;
}

/* What failed concerns the other messages as well.  Without a delivery, that is only a queue that cannot be written: a
 * message may have no recipients, or an account of its own. */
static bool concerns_all(const struct send_result *sent)
{
	const struct status *why = &sent->delivery.error.status;
	if (!sent->delivered)
		return sent->err.status.kind == ERROR_CANNOT_CREATE;
	if (why->kind == ERROR_NONE || !sent->delivery.n)
		return false;
	return error_kind_scope(why->kind) == ERROR_SCOPE_ACCOUNT ||
	       (error_kind_scope(why->kind) == ERROR_SCOPE_SESSION && sent->delivery.stage < DELIVERY_TRANSACTION);
}

static bool is_sent(const struct send_result *sent)
{
	for (size_t i = 0; sent->delivered && i < sent->delivery.n; i++)
		if (sent->delivery.outcomes[i].kind != OUTCOME_ACCEPTED &&
		    sent->delivery.outcomes[i].kind != OUTCOME_QUEUED)
			return false;
	return sent->delivered;
}

static void stop(struct batch *b, const struct send_result *sent)
{
	const struct error *why = sent->delivered ? &sent->delivery.error : &sent->err;
	b->stopped = true;
	b->tally->status = error_kind_exit_status(why->status.kind);
}

/* The server cannot be had: what may succeed later is queued untried from now on, if there is a queue. */
static void consider_rest(struct batch *b, struct batch_slot *slot, const struct send_result *sent)
{
	if (!concerns_all(sent))
		return;
	if (is_sent(sent) && slot->route)
		slot->route->away = true;
	else
		stop(b, sent);
}

static void count(struct batch *b, struct batch_slot *slot, const struct send_result *sent)
{
	const struct status *why = sent->delivered ? delivery_result_leading(&sent->delivery) : &sent->err.status;
	if (is_sent(sent)) {
		b->tally->sent++;
		if (sent->status) /* in the queue until the user has logged in again */
			b->tally->status = sent->status;
	} else {
		b->tally->failed++;
		b->later |=
			sent->status == EX_TEMPFAIL || (why && error_kind_disposition(why->kind) == DISPOSITION_RETRY);
	}
	if (!slot->route)
		return;
	slot->route->answered |= slot->p.answered;
	slot->route->queued |= slot->p.queue_id != NULL;
}

static struct send_request how_to_send(struct batch *b, struct batch_slot *slot)
{
	return (struct send_request){
		.request = &b->request,
		.runtime = b->req->runtime,
		.settings = b->req->settings,
		.transport = slot->route ? slot->route->transport : NULL,
		.ready = mark,
		.ready_arg = slot,
		.show = show,
		.arg = slot,
		.queue_only = slot->route && slot->route->away,
		.asleep = slot->route && slot->route->answered,
	};
}

static void send_message(struct batch *b, struct batch_slot *slot)
{
	const struct batch_request *req = b->req;
	AUTO(error) err = ERROR_INIT;
	struct send_result sent;
	struct submission *p = &slot->p;
	error_move(&err, &slot->message.err);
	bool uncertain = err.status.kind == ERROR_UNCERTAIN;
	bool ready = (uncertain || err.status.kind == ERROR_NONE) &&
		     submission_make(p, req->settings, &b->request, req->runtime, uncertain ? NULL : &err);
	if (ready && !uncertain) {
		drop_served(slot);
		slot->route = route_for(b, p->account);
	}
	struct send_request how = how_to_send(b, slot);
	if (ready && !uncertain)
		send_submission(&how, p, &sent);
	else if (ready)
		send_settled(&how, p, &err, &sent);
	else
		send_failed(&how, p, &err, &sent);
	if (req->source->ops->end)
		req->source->ops->end(req->source, &slot->message, p, &sent);
	count(b, slot, &sent);
	if (!uncertain)
		consider_rest(b, slot, &sent);
	send_result_release(&sent);
}

/* What the settings have of the message before. */
static void forget_message(struct settings *settings)
{
	strvec_release(&settings->config.warnings);
	account_free(settings->account);
	settings->account = NULL;
}

/* False: there is none, or none can be read. */
static bool send_next(struct batch *b)
{
	const struct batch_request *req = b->req;
	struct batch_slot slot = {.batch = b, .message = {.err = ERROR_INIT}};
	submission_init(&slot.p, req->runtime);
	int next = req->source->ops->next(req->source, &slot.message, &slot.p, b->err);
	if (next > 0) {
		forget_message(req->settings);
		send_message(b, &slot);
	} else if (next < 0) {
		b->stopped = true;
		b->tally->status = error_kind_exit_status(b->err->status.kind);
	}
	batch_message_release(&slot.message);
	submission_release(&slot.p);
	return next > 0;
}

/* ---- the batch ---- */

static void settle_status(struct batch *b)
{
	struct batch_tally *t = b->tally;
	t->interrupted = signalled != 0;
	if (t->interrupted || b->stopped)
		t->left = b->req->source->ops->left(b->req->source);
	if (!t->status && (b->later || t->left))
		t->status = EX_TEMPFAIL;
	if (!t->status && (t->failed || b->req->source->faulty))
		t->status = EX_DATAERR;
}

void batch_run(const struct batch_request *req, struct batch_tally *tally, struct error *err)
{
	struct sigaction before[ARRAY_SIZE(ending_signals)];
	struct batch b = {.req = req, .tally = tally, .err = err, .request = *req->request};
	*tally = (struct batch_tally){.sent = 0};
	b.request.given[OPT_READ_RECIPIENTS] = true;
	catch_signals(before);
	while (!signalled && !b.stopped && send_next(&b))
		;
	end_routes(&b);
	settle_status(&b);
	if (!req->source->ops->close(req->source) && !tally->status)
		tally->status = EX_CANTCREAT;
	restore_signals(before);
}

struct batch_source *batch_open(const char *name, const struct runtime *runtime, struct error *err)
{
	if (strcmp(name, "smtp") == 0)
		return batch_smtp_open(runtime, err);
	if (runtime->privileged) {
		(void)error_set(err, ERROR_USAGE, "%s",
				_("refusing to read files of messages: running set-user-ID or set-group-ID"));
		return NULL;
	}
	if (strncmp(name, "mbox:", 5) == 0)
		return batch_mbox_open(name + 5, runtime, err);
	if (strncmp(name, "maildir:", 8) == 0)
		return batch_maildir_open(name + 8, runtime, err);
	(void)error_set(err, ERROR_USAGE, _("expected mbox:FILE, maildir:DIR or smtp, got %s"), name);
	return NULL;
}

void batch_summary(const struct batch_tally *t, struct strbuf *out)
{
	strbuf_addf(out, _("messages sent: %zu, failed: %zu"), t->sent, t->failed);
	if (t->left == SIZE_MAX)
		strbuf_adds(out, _("; what follows was not sent"));
	else if (t->left)
		strbuf_addf(out, _(", left: %zu"), t->left);
	if (t->interrupted)
		strbuf_adds(out, _("; interrupted by a signal"));
}
