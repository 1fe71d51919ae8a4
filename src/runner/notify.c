/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/notify.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "submit/submission_log.h"
#include "runner/failure_hook.h"
#include "runner/notify_dsn.h"
#include "queue/spool_id.h"

/* age_from in the future (the clock was set back) is not a delay. */
static bool is_delayed(const struct queue_item *item, int64_t now)
{
	return item->state != QUEUE_FAILED && item->attempts && now - item->age_from >= NOTIFY_AFTER;
}

/* ---- what is to be reported ----------------------------------------------- */

/* The REPORTING bit that is due for a recipient, or 0. */
static unsigned bit_due(const struct queue_item *item, const struct queue_rcpt *rcpt, bool over, int64_t now)
{
	unsigned wanted = recipient_notify(&rcpt->who, &item->mail);
	switch (rcpt->state) {
	case RCPT_FAILED:
		if (rcpt->reported & REPORTED_FAILED || !dsn_wanted(wanted, DSN_FAILED))
			return 0;
		return over || !(item->reports & REPORTED_FAILED) ? REPORTING_FAILED : 0;
	case RCPT_ACCEPTED:
		if (rcpt->reported & REPORTED_RELAYED || !rcpt->relayed_without_dsn || !dsn_wanted(wanted, DSN_RELAYED))
			return 0;
		return REPORTING_RELAYED;
	default: /* only if asked for: without NOTIFY, mailq and on_failure show it */
		if (rcpt->reported & REPORTED_DELAYED || !(wanted & NOTIFY_DELAY) || !dsn_wanted(wanted, DSN_DELAYED))
			return 0;
		return item->state == QUEUE_QUEUED && is_delayed(item, now) ? REPORTING_DELAYED : 0;
	}
}

/* Sets the REPORTING bits that are due (unless mark is false); true if there are any. */
static bool mark_due_reports(struct queue_rcpt *rcpts, const struct queue_item *item, int64_t now, bool mark)
{
	bool over = queue_item_pending(item) == 0;
	unsigned any = 0;
	if (!notify_dsn_possible(item))
		return false;
	for (size_t i = 0; i < item->n; i++)
		any |= bit_due(item, &item->rcpts[i], over, now);
	if (!any || (any == REPORTING_RELAYED && !over)) /* if there are only successes, they are reported at the end */
		return false;
	for (size_t i = 0; mark && i < item->n; i++)
		rcpts[i].reported |= bit_due(item, &item->rcpts[i], over, now);
	return true;
}

static bool is_reporting(const struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		if (item->rcpts[i].reported & REPORTING_ANY)
			return true;
	return false;
}

static void clear_reporting(struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		item->rcpts[i].reported &= ~(unsigned)REPORTING_ANY;
}

/* ---- the steps of a report (notify.h) ---------------------------------- */

/* Step 3: the report is in the queue.  If that cannot be stored, the bits are restored. */
static bool note_made(struct spool_entry *entry, struct error *err)
{
	struct queue_item *item = spool_entry_item(entry);
	AUTO_FREE unsigned *before = xcalloc(item->n + 1, sizeof(*before));
	unsigned reports = item->reports;
	for (size_t i = 0; i < item->n; i++) {
		unsigned *bits = &item->rcpts[i].reported, reporting = *bits & REPORTING_ANY;
		before[i] = *bits;
		*bits = (*bits & ~(unsigned)REPORTING_ANY) | (reporting >> REPORTING_SHIFT);
		item->reports |= (reporting >> REPORTING_SHIFT) & REPORTED_FAILED;
	}
	if (spool_update(entry, err))
		return true;
	for (size_t i = 0; i < item->n; i++)
		item->rcpts[i].reported = before[i];
	item->reports = reports;
	return false;
}

/* Step 4. */
static bool release_report(struct spool_entry *report, int64_t now, struct error *err)
{
	struct queue_item *item = spool_entry_item(report);
	if (!(item->reports & REPORTING_FAILED) || spool_entry_folder(report) != SPOOL_NEW ||
	    item->hold == HOLD_DAMAGED)
		return true;
	item->reports &= ~(unsigned)REPORTING_FAILED;
	return spool_release(report, now, err);
}

/* Completes a report that was begun, or clears its bits if it was not enqueued. */
static bool finish_earlier_report(struct spool *spool, struct spool_entry *entry, int64_t now, struct error *err)
{
	AUTO_PTR(spool_entry) report = NULL;
	struct queue_item *item = spool_entry_item(entry);
	bool gone = false;
	if (!item->report)
		return true;
	int claimed = spool_claim(spool, item->report, &report, &gone, err);
	if (claimed < 0)
		return false;
	if (gone) {
		clear_reporting(item);
		return true;
	}
	if (!claimed)
		return !is_reporting(item) ||
		       error_set(err, ERROR_IO, _("the report %s about this message is being sent by another process"),
				 item->report);
	return (!is_reporting(item) || note_made(entry, err)) && release_report(report, now, err);
}

/* Steps 1 to 4; the bits of step 1 are set, but not stored. */
static bool enqueue_report(struct spool *spool, struct spool_entry *entry, struct dsn_message *made,
			   struct queue_item *about_it, int64_t now, struct error *err)
{
	AUTO_PTR(spool_entry) report = NULL;
	return spool_update(entry, err) &&
	       spool_enqueue(spool, about_it, strbuf_span(&made->header), &made->message.body, &report, err) &&
	       note_made(entry, err) && release_report(report, now, err);
}

static bool send_due_reports(struct spool *spool, struct spool_entry *entry, const struct submission *p,
			     const struct runtime *runtime, int64_t now, struct error *err)
{
	struct queue_item *item = spool_entry_item(entry);
	AUTO(queue_item) about_it = QUEUE_ITEM_INIT;
	struct dsn_message made = {.message_id = NULL};
	char id[SPOOL_ID_LEN + 1];
	if (!finish_earlier_report(spool, entry, now, err))
		return false;
	if (!mark_due_reports(item->rcpts, item, now, true))
		return true;
	char *earlier = item->report;
	spool_make_id(spool, id);
	item->report = xstrdup(id);
	if (!notify_dsn_make(entry, p, runtime, now, &made, &about_it, err)) {
		free(item->report);
		item->report = earlier;
		clear_reporting(item);
		return false;
	}
	free(earlier);
	bool ok = enqueue_report(spool, entry, &made, &about_it, now, err);
	dsn_message_release(&made);
	return ok;
}

/* ---- the command --------------------------------------------------------- */

/* The first event for which the command was not run; false if there is none. */
static bool event_due(const struct queue_item *item, int64_t now, enum failure_event *event)
{
	bool failed = false, refused = false, delayed = false;
	for (size_t i = 0; i < item->n; i++) {
		const struct queue_rcpt *rcpt = &item->rcpts[i];
		bool new_failure = rcpt->state == RCPT_FAILED && !(rcpt->reported & NOTIFIED_FAILED);
		failed = failed || new_failure;
		/* failures of other kinds were given up because of their age */
		refused =
			refused || (new_failure && error_kind_disposition(rcpt->status.kind) == DISPOSITION_PERMANENT);
		delayed = delayed || (queue_rcpt_pending(rcpt) && !(rcpt->reported & NOTIFIED_DELAYED));
	}
	*event = refused ? FAILURE_FAILED : FAILURE_EXPIRED;
	if (failed)
		return true;
	*event = FAILURE_HELD;
	if (item->state == QUEUE_HELD)
		return item->hold != HOLD_USER && !(item->reports & NOTIFIED_HELD);
	*event = FAILURE_DELAYED;
	return delayed && item->state == QUEUE_QUEUED && is_delayed(item, now);
}

static void mark_notified(struct queue_item *item, enum failure_event event)
{
	for (size_t i = 0; i < item->n; i++) {
		struct queue_rcpt *rcpt = &item->rcpts[i];
		if (event == FAILURE_DELAYED && queue_rcpt_pending(rcpt))
			rcpt->reported |= NOTIFIED_DELAYED;
		if ((event == FAILURE_FAILED || event == FAILURE_EXPIRED) && rcpt->state == RCPT_FAILED)
			rcpt->reported |= NOTIFIED_FAILED;
	}
	if (event == FAILURE_HELD)
		item->reports |= NOTIFIED_HELD;
}

static void log_problem(struct queue_item *item, const struct account *account, const struct runtime *runtime,
			int64_t now, const struct error *problem)
{
	AUTO(log_event) event = LOG_EVENT_INIT;
	event.level = LOG_LEVEL_ERROR;
	log_event_word(&event, "queue_id", item->id);
	log_event_text(&event, "errormsg", problem->status.text);
	log_account_event(account, runtime, &event);
	struct status noted = problem->status; /* borrows its texts */
	noted.stage = (char *)option_table[OPT_ON_FAILURE].command;
	queue_item_note(item, now, &noted);
}

/* Stores the item after the command: if the process dies in between, it is run twice, which is better than never. */
static bool run_commands(struct spool_entry *entry, const struct account *account, const struct runtime *runtime,
			 int64_t now, struct error *err)
{
	struct queue_item *item = spool_entry_item(entry);
	enum failure_event event;
	bool changed = item->state == QUEUE_QUEUED && item->reports & NOTIFIED_HELD;
	if (changed)
		item->reports &= ~(unsigned)NOTIFIED_HELD; /* it may be held again */
	while (event_due(item, now, &event)) {
		AUTO(error) problem = ERROR_INIT;
		if (!failure_hook_run(account, item, event, runtime, &problem))
			log_problem(item, account, runtime, now, &problem);
		mark_notified(item, event);
		changed = true;
	}
	return !changed || spool_update(entry, err);
}

/* ---- all of it ------------------------------------------------------------- */

bool notify_owes(struct spool *spool, const struct queue_item *item, int64_t now)
{
	AUTO(queue_item) report = QUEUE_ITEM_INIT;
	if (is_reporting(item) || mark_due_reports(NULL, item, now, false))
		return true;
	struct spool_stat where;
	/* what is damaged or has failed is not released by notify() */
	return item->report && spool_read(spool, item->report, &report, &where, NULL) > 0 && !where.damaged &&
	       where.folder == SPOOL_NEW && report.hold != HOLD_DAMAGED && report.reports & REPORTING_FAILED;
}

bool notify(struct spool *spool, struct spool_entry *entry, struct submission *p, const struct runtime *runtime,
	    int64_t now, struct error *err)
{
	/* no report can be made about a damaged message, because it would have to quote it */
	if (spool_entry_item(entry)->hold != HOLD_DAMAGED && !send_due_reports(spool, entry, p, runtime, now, err))
		return false;
	return !p->account || !account_is_set(p->account, OPT_ON_FAILURE) ||
	       run_commands(entry, p->account, runtime, now, err);
}

/* ---- the end ------------------------------------------------------------- */

static bool was_accepted(const struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++)
		if (item->rcpts[i].state != RCPT_ACCEPTED)
			return false;
	return true;
}

static void note_reason(struct queue_item *original, const struct queue_item *report)
{
	const struct status *why = queue_item_leading(report);
	status_copy(&original->reason, why ? why : &STATUS_INIT);
	free(original->reason.text);
	original->reason.text = xasprintf(_("the report about this message could not be delivered either: %s"),
					  why && why->text ? why->text : _("it was not accepted"));
}

/* Stores in the original what became of its report; *stays: the report has to be kept instead of the original. */
static bool notify_original(struct spool *spool, const struct queue_item *report, bool *stays, struct error *err)
{
	AUTO_PTR(spool_entry) entry = NULL;
	AUTO(error) problem = ERROR_INIT;
	bool gone = false, accepted = was_accepted(report);
	*stays = !accepted;
	int claimed = spool_claim(spool, report->report_of, &entry, &gone, &problem);
	if (claimed < 0) /* it may be readable the second time */
		claimed = spool_claim(spool, report->report_of, &entry, &gone, &problem);
	if (gone ||
	    claimed < 0) /* an original that cannot be read must not block its report for ever; it stays in the queue */
		return true;
	if (!claimed)
		return error_set(err, ERROR_IO,
				 _("the message %s, which this report is about, is claimed by another process"),
				 report->report_of);
	struct queue_item *item = spool_entry_item(entry);
	if (!item->report || strcmp(item->report, report->id) != 0)
		return true; /* there is a later report, or the original does not depend on this one */
	if (spool_entry_folder(entry) == SPOOL_FAILED) {
		*stays = false;
		if (accepted)
			return spool_finish(entry, err);
		note_reason(item, report);
		return spool_update(entry, err);
	}
	if (!accepted)
		return true;
	free(item->report);
	item->report = NULL;
	return spool_update(entry, err);
}

/* True if the report is still to be delivered.  One in failed/ is not, and stays there. */
static bool is_under_way(struct spool *spool, const char *id)
{
	AUTO(queue_item) report = QUEUE_ITEM_INIT;
	int found = spool_read(spool, id, &report, NULL, NULL);
	return found < 0 || (found > 0 && report.state != QUEUE_FAILED);
}

bool notify_end(struct spool *spool, struct spool_entry *entry, struct error *err)
{
	struct queue_item *item = spool_entry_item(entry);
	bool stays = false;
	if (item->report_of && !notify_original(spool, item, &stays, err))
		return false;
	if (item->report && item->reports & REPORTED_FAILED)
		stays = is_under_way(spool, item->report);
	return stays ? spool_fail(entry, err) : spool_finish(entry, err);
}
