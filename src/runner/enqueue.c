/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/enqueue.h"

#include "base/i18n.h"
#include "base/language.h"
#include "base/xalloc.h"
#include "dsn/dsn.h"
#include "runner/enqueue_item.h"
#include "runner/retry_policy.h"
#include "runner/spawn.h"
#include "queue/account_wait.h"
#include "queue/item_route.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* ---- which mode ---------------------------------------------------------------- */

static bool is_undoable(const struct account *a)
{
	return account_int(a, OPT_UNDO_WINDOW) > 0;
}

enum enqueue_mode enqueue_mode_of(const struct account *a, char delivery)
{
	enum enqueue_mode mode = (enum enqueue_mode)account_word(a, OPT_QUEUE);
	enum origin_kind set_by = account_origin(a, OPT_QUEUE)->kind;
	if (mode == ENQUEUE_OFF)
		return set_by == ORIGIN_DEFAULT && is_undoable(a) ? ENQUEUE_ALWAYS : ENQUEUE_OFF;
	if (is_undoable(a))
		return ENQUEUE_ALWAYS;
	if (!delivery || set_by == ORIGIN_COMMAND_LINE)
		return mode;
	return delivery == 'i' ? ENQUEUE_AUTO : ENQUEUE_ALWAYS;
}

/* ---- queueing -------------------------------------------------------------------- */

static void fill_item(struct queue_item *item, const struct submission *p, const struct request *request,
		      const struct runtime *runtime, int64_t now)
{
	AUTO_FREE char *folder = getcwd(NULL, 0); /* NULL: it was removed; names stay relative then */
	const char *file =
		request->given[OPT_FILE] && !request->given[OPT_HOST] ? account_str(request->flags, OPT_FILE) : NULL;
	enqueue_item_fill(item, p, file, folder, now);
	item->language = language_name(runtime);
	item->msmtp = request->flags->flavour == FLAVOUR_MSMTP;
}

static bool store_item(struct queue_item *item, const struct submission *p, const struct runtime *runtime,
		       struct error *err)
{
	if (runtime->privileged) /* the caller would choose where its files are written */
		return error_set(err, ERROR_CANNOT_CREATE, "%s",
				 _("refusing to queue: running set-user-ID or set-group-ID"));
	AUTO_FREE char *path = spool_user_folder(runtime, err);
	if (!path)
		return false;
	AUTO_PTR(spool) spool = spool_open(path, runtime, err);
	return spool && spool_enqueue(spool, item, strbuf_span(&p->header), &p->message.body, NULL, err);
}

static bool store_message(struct queue_item *item, struct submission *p, const struct runtime *runtime,
			  struct error *err)
{
	if (!store_item(item, p, runtime, err))
		return false;
	p->queue_id = xstrdup(item->id);
	return true;
}

/* Always returns false.  A problem of the queue's files is never reported as one of the configuration. */
static bool cannot_enqueue(struct error *err)
{
	if (err && error_kind_disposition(err->status.kind) == DISPOSITION_FIX)
		err->status.kind = ERROR_CANNOT_CREATE;
	error_prefix(err, "%s", _("the message could not be queued"));
	error_stage(err, "%s", _("queue"));
	return false;
}

static int64_t held_until(const struct mail_params *r, int64_t now)
{
	return r->hold_until ? r->hold_until : r->hold_for ? now + r->hold_for : 0;
}

static void drop_refused(struct queue_item *item, const struct envelope *env)
{
	AUTO_FREE bool *wanted = xcalloc(env->n ? env->n : 1, sizeof(*wanted));
	for (size_t i = 0; i < env->n; i++)
		wanted[i] = !env->rcpts[i].refused;
	enqueue_item_only(item, wanted);
}

bool enqueue_all(struct submission *p, const struct request *request, const struct runtime *runtime, struct error *err)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	int64_t now = clock_wall(runtime->clock), until = held_until(&p->env.mail.params, now);
	int64_t window = is_undoable(p->account) ? now + (account_int(p->account, OPT_UNDO_WINDOW) + 999) / 1000 : 0;
	fill_item(&item, p, request, runtime, now);
	drop_refused(&item, &p->env);
	enqueue_item_hold(&item, until > window ? until : window);
	item.account_fault = p->queued_after != NULL;
	return store_message(&item, p, runtime, err) || cannot_enqueue(err);
}

/* "partial abort": if one recipient is refused for good, the message is not sent to the others, either. */
static bool all_or_none(const struct submission *p)
{
	return strcmp(account_word_text(p->account, OPT_PARTIAL), "abort") == 0;
}

static size_t mark_wanted(const struct submission *p, const struct delivery_result *result, bool hold, bool has_id,
			  bool *wanted)
{
	size_t n = 0, not_wanted = 0;
	for (size_t i = 0; i < result->n; i++) {
		const struct outcome *o = &result->outcomes[i];
		wanted[i] = hold ? o->status.kind == ERROR_CANNOT_HOLD : enqueue_item_wants(o, has_id);
		n += wanted[i];
		not_wanted += o->kind != OUTCOME_ACCEPTED && !wanted[i];
	}
	return not_wanted && all_or_none(p) ? 0 : n;
}

/* False: there is no next attempt. */
static bool enter_attempt(struct queue_item *item, const struct account *a, const struct runtime *runtime,
			  const struct delivery_result *result, const bool *wanted)
{
	struct account_retry_policy policy;
	account_retry_policy_init(&policy, a);
	bool again =
		enqueue_item_attempted(item, result, wanted, &policy.retry, clock_wall(runtime->clock), runtime->rng);
	account_retry_policy_release(&policy);
	return again;
}

/* The queue tries again: a user who followed that advice, too, would send the message twice. */
static void mark_queued(struct delivery_result *result, const bool *wanted)
{
	status_drop_hint_again(&result->error.status);
	for (size_t i = 0; i < result->n; i++) {
		if (!wanted[i])
			continue;
		result->outcomes[i].kind = OUTCOME_QUEUED;
		status_drop_hint_again(&result->outcomes[i].status);
	}
}

bool enqueue_remaining(struct submission *p, const struct request *request, const struct runtime *runtime,
		       struct delivery_result *result, int64_t started, struct error *err)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO_FREE bool *wanted = xcalloc(result->n ? result->n : 1, sizeof(*wanted));
	bool hold = result->error.status.kind == ERROR_CANNOT_HOLD, open = hold;
	p->answered = result->stage >= DELIVERY_TRANSACTION;
	for (size_t i = 0; !open && i < result->n; i++)
		open = result->outcomes[i].kind != OUTCOME_ACCEPTED;
	if (!open)
		return true;
	fill_item(&item, p, request, runtime, started);
	if (!mark_wanted(p, result, hold, item.message_id != NULL, wanted))
		return true;
	if (hold) {
		enqueue_item_only(&item, wanted);
		enqueue_item_hold(&item, held_until(&p->env.mail.params, started));
	} else if (!enter_attempt(&item, p->account, runtime, result, wanted)) {
		return true;
	}
	if (!store_message(&item, p, runtime, err))
		return cannot_enqueue(err);
	mark_queued(result, wanted);
	return true;
}

/* ---- reports about success ------------------------------------------------------- */

static void no_report(struct delivery_result *result, const char *why)
{
	AUTO_FREE char *text = xasprintf(_("a report about success was asked for (dsn_notify), which the server cannot "
					   "send, and none is made here: %s"),
					 why);
	strvec_push(&result->warnings, text);
}

static void store_relayed(struct submission *p, const struct request *request, const struct runtime *runtime,
			  struct delivery_result *result, int64_t started)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO_FREE bool *wanted = xcalloc(result->n ? result->n : 1, sizeof(*wanted));
	bool any = false;
	for (size_t i = 0; i < result->n; i++)
		any |= wanted[i] = enqueue_item_reports(&p->env, i, &result->caps, &result->outcomes[i]);
	if (!any)
		return;
	if (enqueue_mode_of(p->account, request->delivery) == ENQUEUE_OFF) {
		no_report(result, _("that needs the queue, and queue is off"));
		return;
	}
	fill_item(&item, p, request, runtime, started);
	enqueue_item_relayed(&item, result, wanted, clock_wall(runtime->clock));
	if (!store_item(&item, p, runtime, &err))
		no_report(result, err.status.text);
	else
		p->queue_is_empty = false;
}

void enqueue_report(struct submission *p, const struct request *request, const struct runtime *runtime,
		    struct delivery_result *result, int64_t started)
{
	if (envelope_notify(&p->env) & NOTIFY_SUCCESS)
		store_relayed(p, request, runtime, result, started);
}

/* ---- reports about refused recipients ---------------------------------------------- */

static bool store_refused(const struct submission *p, const struct request *request, const struct runtime *runtime,
			  const struct delivery_result *result, const bool *wanted, struct error *err)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	fill_item(&item, p, request, runtime, clock_wall(runtime->clock));
	if (enter_attempt(&item, p->account, runtime, result,
			  wanted)) /* all of them are refused, so there is no other */
		return error_set(err, ERROR_INTERNAL, "a refused recipient is to be tried again");
	return store_item(&item, p, runtime, err) || cannot_enqueue(err);
}

enum enqueue_refusals enqueue_refused(const struct submission *p, const struct request *request,
				      const struct runtime *runtime, const struct delivery_result *result,
				      struct error *err)
{
	AUTO_FREE bool *wanted = xcalloc(result->n ? result->n : 1, sizeof(*wanted));
	bool any = false;
	for (size_t i = 0; i < result->n; i++)
		any |= wanted[i] = result->outcomes[i].kind == OUTCOME_REFUSED &&
				   dsn_wanted(recipient_notify(&p->env.rcpts[i], &p->env.mail), DSN_FAILED);
	if (!any)
		return REFUSALS_UNWANTED;
	bool stored = *p->env.mail.sender.given && store_refused(p, request, runtime, result, wanted, err);
	return stored ? REFUSALS_REPORTED : REFUSALS_UNREPORTED;
}

/* ---- what waits ---------------------------------------------------------------- */

static bool is_waiting(const struct runtime *runtime)
{
	AUTO_FREE char *path = spool_user_folder(runtime, NULL);
	AUTO_FREE char *fresh = path ? xasprintf("%s/new", path) : NULL;
	int fd = fresh ? open(fresh, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	bool waiting = false;
	if (!dir) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	for (struct dirent *e = readdir(dir); e && !waiting; e = readdir(dir))
		waiting = e->d_name[0] != '.';
	(void)closedir(dir);
	return waiting;
}

static struct spool *open_queue(const struct runtime *runtime)
{
	bool none;
	AUTO_FREE char *path = spool_user_folder(runtime, NULL);
	return path ? spool_open_existing(path, runtime, &none, NULL) : NULL;
}

bool enqueue_goes_first(struct submission *p, const struct request *request, const struct runtime *runtime)
{
	enum enqueue_mode mode = enqueue_mode_of(p->account, request->delivery);
	p->queue_is_empty = mode == ENQUEUE_AUTO && !runtime->privileged && !is_waiting(runtime);
	if (mode != ENQUEUE_AUTO || p->queue_is_empty || runtime->privileged)
		return mode == ENQUEUE_ALWAYS;
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO_PTR(spool) spool = open_queue(runtime);
	int64_t now = clock_wall(runtime->clock);
	if (!spool)
		return false;
	fill_item(&item, p, request, runtime, now);
	AUTO_FREE char *route = queue_item_route(&item);
	p->queued_after = account_waits_ahead(spool, route, account_bool(p->account, OPT_QUEUE_AUTOSTART), now);
	return p->queued_after != NULL;
}

static void report_held(const struct submission *p, const struct account_wait *wait, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) why = STRBUF_INIT;
	status_format_words(&wait->why, &why);
	(void)error_set(&err, wait->why.kind, _("the message is queued as %s, but waits for account %s: %s (%s)"),
			p->queue_id, wait->account, why.buf, wait->id);
	error_stage(&err, "%s", _("queue"));
	error_hint(&err, _("%s  When that is done, posthaste -q sends what waits."),
		   wait->why.hint ? wait->why.hint : _("Correct the account."));
	runtime_problem(runtime, &err);
}

static void report_queued_after(const struct submission *p, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	(void)error_set(&err, ERROR_SERVER_TEMPORARY,
			_("the message is queued as %s and goes after %s, which waits for the same server"),
			p->queue_id, p->queued_after);
	error_stage(&err, "%s", _("queue"));
	runtime_problem(runtime, &err);
}

/*
 * If the server of this message has answered, what waits for that, or for a fault of the account, need not wait any
 * longer.  If the message was queued for an account that is held, it waits, too, which its sender should know.
 */
static void look_at_account(const struct submission *p, const struct request *request, const struct runtime *runtime)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(account_waits) waits = ACCOUNT_WAITS_INIT;
	AUTO_PTR(spool) spool = open_queue(runtime);
	int64_t now = clock_wall(runtime->clock);
	if (!spool)
		return;
	fill_item(&item, p, request, runtime, now);
	AUTO_FREE char *route = queue_item_route(&item);
	if (p->answered)
		account_waits_end(spool, route, now);
	if (!p->queue_id)
		return;
	if (p->queued_after)
		report_queued_after(p, runtime);
	account_waits_peek(&waits, spool, now);
	const struct account_wait *wait = account_waits_find(&waits, &item, now);
	if (wait && !wait->due)
		report_held(p, wait, runtime);
}

bool enqueue_resume(const struct account *a, const struct runtime *runtime, struct error *err)
{
	AUTO_PTR(spool) spool = runtime->privileged ? NULL : open_queue(runtime);
	if (!spool || !account_waits_end_named(spool, a->name, clock_wall(runtime->clock)))
		return true;
	return !account_bool(a, OPT_QUEUE_AUTOSTART) || runner_spawn(runtime, err);
}

void enqueue_wake(const struct submission *p, const struct request *request, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	if (runtime->privileged ||
	    (!p->queue_id && (enqueue_mode_of(p->account, request->delivery) == ENQUEUE_OFF || p->queue_is_empty)))
		return;
	if (p->answered || p->queue_id)
		look_at_account(p, request, runtime);
	if (!account_bool(p->account, OPT_QUEUE_AUTOSTART) || runner_spawn(runtime, &err) || !p->queue_id)
		return;
	error_prefix(&err, _("the message is queued as %s, but is not sent automatically"), p->queue_id);
	runtime_problem(runtime, &err);
}
