/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --queue-hold, --queue-release, --queue-remove: what the user decides about messages. */
#include "base/i18n.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/queue_open.h"
#include "cli/print_result.h"
#include "runner/spawn.h"

#include <sysexits.h>

/* Does it to one message that is ours now. */
typedef bool steer_fn(struct spool_entry *entry, int64_t now, struct error *err);

static bool is_over(struct spool_entry *entry)
{
	return spool_entry_item(entry)->state == QUEUE_FAILED || spool_entry_folder(entry) == SPOOL_FAILED;
}

/* What is over waits for nothing; held and released, it would be taken for one whose end has been told. */
static bool hold(struct spool_entry *entry, int64_t now, struct error *err)
{
	(void)now;
	if (is_over(entry)) {
		(void)error_set(err, ERROR_USAGE, _("the message %s has failed and waits for nothing"),
				spool_entry_item(entry)->id);
		error_hint(err, _("It stays as it is; to try it again: posthaste --queue-release %s"),
			   spool_entry_item(entry)->id);
		return false;
	}
	if (spool_entry_item(entry)->hold == HOLD_DAMAGED) /* it is held, and why must not be forgotten */
		return spool_hold_damaged(entry, err);
	return spool_hold(entry, HOLD_USER, NULL, NULL, err);
}

/* Refused once more it is news once more: whoever is taken for told loses the message without a word. */
static void reopen(struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++) {
		struct queue_rcpt *rcpt = &item->rcpts[i];
		if (rcpt->state != RCPT_FAILED)
			continue;
		rcpt->state = RCPT_OPEN;
		rcpt->reported &= ~(unsigned)(REPORTED_FAILED | REPORTING_FAILED | NOTIFIED_FAILED);
	}
	item->reports &= ~(unsigned)REPORTED_FAILED;
}

/*
 * A damaged message is released only if it can be sent as it was accepted: its header and body are whole (only its
 * state was damaged, or the file was restored), and its recipients are known.
 */
static bool check_whole(struct spool_entry *entry, struct error *err)
{
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	const struct queue_item *item = spool_entry_item(entry);
	AUTO(error) problem = ERROR_INIT;
	bool whole = spool_read_message(entry, &header, &body, &problem);
	if (whole && item->n)
		return true;
	if (!whole && problem.status.kind != ERROR_DAMAGED) {
		error_move(err, &problem);
		return false;
	}
	(void)error_set(err, ERROR_DAMAGED, _("the message %s is damaged and is not released: %s"), item->id,
			whole ? _("its recipients are not known") : _("what is left of it is not what was accepted"));
	error_hint(
		err,
		_("posthaste --queue-show %s --raw prints what is left of it, to be submitted again if it is of use; "
		  "posthaste --queue-remove %s removes it."),
		item->id, item->id);
	return false;
}

/*
 * "Send later" is over, too.  Of a message that is over, the recipients that were refused are tried again, and its
 * lifetime starts again: else it would fail at once.
 */
static bool release(struct spool_entry *entry, int64_t now, struct error *err)
{
	struct queue_item *item = spool_entry_item(entry);
	if (item->hold == HOLD_DAMAGED && !check_whole(entry, err))
		return false;
	if (is_over(entry)) {
		reopen(item);
		item->age_from = now;
	}
	item->not_before = 0;
	return spool_release(entry, now, err);
}

static bool remove_message(struct spool_entry *entry, int64_t now, struct error *err)
{
	(void)now;
	return spool_finish(entry, err);
}

struct steering {
	enum option_id option;
	steer_fn *act;
	const char *done; /* said behind the ID */
};

/* 0, or the exit status with the error set. */
static int steer(struct spool *spool, const char *prefix, const struct steering *s, int64_t now, struct error *err)
{
	AUTO(strbuf) id = STRBUF_INIT;
	AUTO_PTR(spool_entry) entry = NULL;
	bool gone = false;
	if (!queue_find(spool, prefix, &id, err))
		return error_kind_exit_status(err->status.kind);
	int claimed = spool_claim(spool, id.buf, &entry, &gone, err);
	if (claimed == 0 && gone) {
		(void)error_set(err, ERROR_FILE_MISSING, _("the message %s has just left the queue"), id.buf);
		return EX_NOINPUT;
	}
	if (claimed == 0) {
		(void)error_set(err, ERROR_SYSTEM, _("the message %s is being sent just now, and is left alone"),
				id.buf);
		error_hint(err, "%s", _("Try again in a moment; mailq shows it with a * for so long."));
		return EX_TEMPFAIL;
	}
	if (claimed < 0)
		return error_kind_exit_status(err->status.kind);
	bool died = queue_item_recover(spool_entry_item(entry));
	if (!s->act(entry, now, err))
		return error_kind_exit_status(err->status.kind);
	(void)printf("%s: %s\n", id.buf, _(s->done));
	if (died)
		(void)fprintf(
			stderr,
			_("posthaste: %s: the last attempt was cut short, and the message may have been delivered\n"),
			id.buf);
	return EX_OK;
}

/* Somebody else may be in charge: the command line says so, accounts are not asked. */
static bool wakes_runner(const struct args *args, const struct steering *s)
{
	return s->option == OPT_QUEUE_RELEASE &&
	       (!args->request.given[OPT_QUEUE_AUTOSTART] || account_bool(args->request.flags, OPT_QUEUE_AUTOSTART));
}

/* Each of the messages named, whatever becomes of the others; the status is that of the first that failed. */
static int steer_all(const struct args *args, const struct runtime *runtime, const struct steering *s)
{
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(spool) spool = NULL;
	AUTO(strvec) names = STRVEC_INIT;
	int64_t now = (int64_t)clock_wall(runtime->clock);
	int status = EX_OK;
	bool some = false;
	strvec_push(&names,
		    account_str(args->request.flags, s->option) ? account_str(args->request.flags, s->option) : "");
	strvec_push_all(&names, &args->request.recipients);
	if (queue_open_existing(runtime, &spool, &err) < 0) {
		print_error(stderr, &err);
		return error_kind_exit_status(err.status.kind);
	}
	for (size_t i = 0; i < names.n; i++) {
		AUTO(error) problem = ERROR_INIT;
		int one = steer(spool, names.v[i], s, now, &problem);
		some = some || one == EX_OK;
		if (one != EX_OK)
			print_error(stderr, &problem);
		if (status == EX_OK)
			status = one;
	}
	if (some && wakes_runner(args, s) && !runner_spawn(runtime, &err))
		status = status ? status : error_kind_exit_status(err.status.kind);
	else if (!print_done(&err))
		status = status ? status : error_kind_exit_status(err.status.kind);
	if (err.status.kind != ERROR_NONE)
		print_error(stderr, &err);
	return status;
}

int mode_queue_hold(const struct args *args, const struct runtime *runtime)
{
	return steer_all(args, runtime, &(struct steering){OPT_QUEUE_HOLD, hold, N_("held")});
}

int mode_queue_release(const struct args *args, const struct runtime *runtime)
{
	return steer_all(args, runtime, &(struct steering){OPT_QUEUE_RELEASE, release, N_("released")});
}

int mode_queue_remove(const struct args *args, const struct runtime *runtime)
{
	return steer_all(args, runtime, &(struct steering){OPT_QUEUE_REMOVE, remove_message, N_("removed")});
}
