/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/batch.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "runner/crew.h"
#include "runner/enqueue.h"
#include "runner/spawn.h"
#include "serve/batch_private.h"
#include "submit/host_names.h"
#include "submit/filter.h"
#include "submit/submission_read.h"
#include "transport/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sysexits.h>
#include <unistd.h>

static struct outlet *outlet_of(const struct batch_slot *slot)
{
	return slot->outlet == NO_OUTLET ? NULL : &slot->batch->outlets.v[slot->outlet];
}

/* ---- signals ---- */

static volatile sig_atomic_t signalled;
static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};

static int signal_ends[2] = {-1, -1};

static void note_signal(int number)
{
	int before = errno;
	signalled = number;
	if (signal_ends[1] >= 0)
		(void)!write(signal_ends[1], "", 1);
	errno = before;
}

bool batch_signalled(void)
{
	return signalled;
}

int batch_signal_fd(void)
{
	if (signal_ends[0] < 0 && pipe2(signal_ends, O_CLOEXEC | O_NONBLOCK) < 0)
		signal_ends[0] = signal_ends[1] = -1;
	return signal_ends[0];
}

void batch_signal_part(void)
{
	signal_ends[0] = signal_ends[1] = -1;
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

/* ---- the end ---- */

/* Starts the queue's runner for what it has got. */
static void wake_runner(const struct batch *b, const struct outlet *outlet)
{
	AUTO(error) err = ERROR_INIT;
	if (!outlet->queued || !account_bool(outlet->account, OPT_QUEUE_AUTOSTART) ||
	    runner_spawn(b->req->runtime, &err))
		return;
	error_prefix(&err, "%s", _("messages are queued, but are not sent automatically"));
	runtime_problem(b->req->runtime, &err);
}

static void wake_runners(struct batch *b)
{
	for (size_t i = 0; i < b->outlets.n; i++)
		wake_runner(b, &b->outlets.v[i]);
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

bool batch_delivery_concerns_all(const struct delivery_result *r)
{
	const struct status *why = &r->error.status;
	if (why->kind == ERROR_NONE || !r->n)
		return false;
	return error_kind_scope(why->kind) == ERROR_SCOPE_ACCOUNT ||
	       (error_kind_scope(why->kind) == ERROR_SCOPE_SESSION && r->stage < DELIVERY_TRANSACTION);
}

/* Without a delivery, that is only a queue that cannot be written: a message may have no recipients, or an account of
 * its own. */
static bool concerns_all(const struct send_result *sent)
{
	return sent->delivered ? batch_delivery_concerns_all(&sent->delivery)
			       : sent->err.status.kind == ERROR_CANNOT_CREATE;
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
	if (is_sent(sent) && outlet_of(slot))
		outlet_of(slot)->away = true;
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
	if (!outlet_of(slot))
		return;
	outlet_of(slot)->answered |= slot->p.answered;
	outlet_of(slot)->queued |= slot->p.queue_id != NULL;
}

static struct send_request how_to_send(struct batch *b, struct batch_slot *slot)
{
	const struct outlet *outlet = outlet_of(slot);
	return (struct send_request){
		.request = &b->request,
		.runtime = b->req->runtime,
		.settings = b->req->settings,
		.transport = outlet ? outlet->transport : NULL,
		.ready = mark,
		.ready_arg = slot,
		.gives_away = batch_crew_gives_away,
		.show = show,
		.arg = slot,
		.queue_only = outlet && outlet->away,
		.asleep = outlet && outlet->answered,
	};
}

struct batch_slot *batch_slot_new(struct batch *b)
{
	struct batch_slot *slot = xcalloc(1, sizeof(*slot));
	*slot = (struct batch_slot){.batch = b, .message = {.err = ERROR_INIT}, .outlet = NO_OUTLET, .err = ERROR_INIT};
	submission_init(&slot->p, b->req->runtime);
	slot->p.host = &b->names;
	slot->p.reads_envelope_to = true;
	return slot;
}

void batch_slot_free(struct batch_slot *slot)
{
	batch_message_release(&slot->message);
	submission_release(&slot->p);
	error_release(&slot->err);
	free(slot);
}

static void settle(struct batch *b, struct batch_slot *slot)
{
	const struct send_result *sent = &slot->sent;
	count(b, slot, sent);
	b->sent_here |= sent->delivered && sent->delivery.n && !sent->kept && is_sent(sent);
	b->proven |= b->sent_here;
	if (!slot->refused)
		consider_rest(b, slot, sent);
}

/* The result of the message is known. */
static void slot_done(void *arg)
{
	struct batch_slot *slot = arg;
	struct batch *b = slot->batch;
	struct batch_source *source = b->req->source;
	b->under_way--;
	if (source->ops->end)
		source->ops->end(source, &slot->message, &slot->p, &slot->sent);
	if (!slot->sent.given_away)
		settle(b, slot);
	if (b->worker && b->sent_here)
		crew_proven(b->worker);
	if (b->worker)
		(slot->sent.given_away ? crew_give_back : crew_done)(b->worker, slot->job);
	send_result_release(&slot->sent);
	batch_slot_free(slot);
}

/* Makes the submission of what was read, unless that was done. */
static void make(struct batch_slot *slot)
{
	const struct batch_request *req = slot->batch->req;
	if (slot->tried)
		return;
	slot->tried = true;
	error_move(&slot->err, &slot->message.err);
	slot->refused = slot->err.status.kind == ERROR_UNCERTAIN;
	slot->made = (slot->refused || slot->err.status.kind == ERROR_NONE) &&
		     submission_make(&slot->p, req->settings, &slot->batch->request, req->runtime,
				     slot->refused ? NULL : &slot->err);
}

static bool next_waits(const struct batch *b)
{
	struct batch_source *source = b->req->source;
	return source->ops->waits && source->ops->waits(source);
}

static struct batch_slot *read_next(struct batch *b)
{
	struct batch_source *source = b->req->source;
	struct batch_slot *slot = batch_slot_new(b);
	slot->read = source->ops->next(source, &slot->message, &slot->p, b->err);
	return slot;
}

/* The server's reply is awaited: time to prepare the next message.  A crew reads the rest itself. */
static void read_ahead(void *arg)
{
	struct batch *b = arg;
	if (b->coming || !b->proven || b->worker || batch_has_crew(b) || signalled || next_waits(b))
		return;
	b->coming = read_next(b);
	if (b->coming->read > 0)
		make(b->coming);
}

/* The account stays as it is for the message's session, whatever the next message chooses. */
static void choose_outlet(struct batch *b, struct batch_slot *slot)
{
	const struct outlet *outlet = outlets_find(&b->outlets, slot->p.account);
	slot->outlet = (size_t)(outlet - b->outlets.v);
	slot->p.account = outlet->account;
	transport_use_waiting(outlet->transport, read_ahead, b);
}

void batch_send(struct batch *b, struct batch_slot *slot)
{
	const struct batch_request *req = b->req;
	struct submission *p = &slot->p;
	make(slot);
	bool ready = slot->made && (slot->refused || submission_filter(p, req->runtime, &slot->err));
	b->under_way++;
	if (ready && !slot->refused) {
		drop_served(slot);
		choose_outlet(b, slot);
		struct send_request how = how_to_send(b, slot);
		send_post(&how, p, &slot->sent, slot_done, slot);
		return;
	}
	if (!p->account) /* it is not known which one it would have been */
		settings_forget_account(req->settings);
	struct send_request how = how_to_send(b, slot);
	if (ready)
		send_settled(&how, p, &slot->err, &slot->sent);
	else
		send_failed(&how, p, &slot->err, &slot->sent);
	slot_done(slot);
}

void batch_flush(struct batch *b)
{
	for (size_t i = 0; b->under_way && i < b->outlets.n; i++)
		transport_flush(b->outlets.v[i].transport);
}

void batch_part(struct batch *b)
{
	batch_flush(b);
	outlets_hang_up(&b->outlets);
	wake_runners(b);
}

/* False: there is none, or none can be read. */
static bool send_next(struct batch *b)
{
	struct batch_slot *slot = b->coming;
	b->coming = NULL;
	if (!slot) {
		if (b->under_way && next_waits(b))
			batch_flush(b);
		slot = read_next(b);
	}
	int next = slot->read;
	if (next > 0) {
		batch_send(b, slot);
		return true;
	}
	batch_slot_free(slot);
	b->stopped |= next < 0;
	if (next < 0)
		b->tally->status = error_kind_exit_status(b->err->status.kind);
	return false;
}

/* ---- the batch ---- */

/* With the message that was read ahead, and not sent. */
static size_t count_left(const struct batch *b)
{
	struct batch_source *source = b->req->source;
	size_t n = source->ops->left(source);
	return n != SIZE_MAX && b->coming && b->coming->read > 0 ? n + 1 : n;
}

static void settle_status(struct batch *b)
{
	struct batch_tally *t = b->tally;
	t->interrupted = signalled != 0;
	if (b->undone)
		t->left = b->undone;
	else if (t->interrupted || b->stopped)
		t->left = count_left(b);
	if (!t->status && (b->later || t->left))
		t->status = EX_TEMPFAIL;
	if (!t->status && (t->failed || b->req->source->faulty))
		t->status = EX_DATAERR;
}

void batch_run(const struct batch_request *req, struct batch_tally *tally, struct error *err)
{
	struct sigaction before[ARRAY_SIZE(ending_signals)];
	struct batch b = {.req = req, .tally = tally, .err = err, .request = *req->request};
	outlets_init(&b.outlets, req->runtime, req->listen, req->arg);
	*tally = (struct batch_tally){.sent = 0};
	b.request.given[OPT_READ_RECIPIENTS] = true;
	host_names_find(&b.names, MAILNAME_FILE);
	catch_signals(before);
	while (!signalled && !b.stopped && send_next(&b) && !(b.proven && batch_crew(&b)))
		;
	batch_part(&b);
	outlets_release(&b.outlets);
	settle_status(&b);
	if (b.coming)
		batch_slot_free(b.coming);
	if (!req->source->ops->close(req->source) && !tally->status)
		tally->status = EX_CANTCREAT;
	restore_signals(before);
	local_names_release(&b.names);
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
