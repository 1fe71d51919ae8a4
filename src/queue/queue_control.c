/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_control.h"

#include "base/i18n.h"

static bool is_over(struct spool_entry *entry)
{
	return spool_entry_item(entry)->state == QUEUE_FAILED || spool_entry_folder(entry) == SPOOL_FAILED;
}

bool queue_control_hold(struct spool_entry *entry, int64_t now, struct error *err)
{
	(void)now;
	if (is_over(entry)) {
		(void)error_set(err, ERROR_USAGE, _("the message %s has failed, so there is nothing to hold"),
				spool_entry_item(entry)->id);
		error_hint(err, _("It stays as it is; to try it again: posthaste --queue-release %s"),
			   spool_entry_item(entry)->id);
		return false;
	}
	if (spool_entry_item(entry)->hold == HOLD_DAMAGED) /* it is held already, for a reason that must stay */
		return spool_hold_damaged(entry, err);
	return spool_hold(entry, HOLD_USER, NULL, NULL, err);
}

/* Makes failed recipients OPEN.  One that is refused again is reported again. */
static void reopen_recipients(struct queue_item *item)
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

/* True if header and body are as they were accepted (only the state was damaged, or the file was restored) and the
 * recipients are known. */
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

bool queue_control_release(struct spool_entry *entry, int64_t now, struct error *err)
{
	struct queue_item *item = spool_entry_item(entry);
	if (item->hold == HOLD_DAMAGED && !check_whole(entry, err))
		return false;
	if (is_over(entry)) {
		reopen_recipients(item);
		item->age_from = now; /* else it would be given up at once */
	}
	item->not_before = 0;
	return spool_release(entry, now, err);
}

bool queue_control_remove(struct spool_entry *entry, int64_t now, struct error *err)
{
	(void)now;
	return spool_finish(entry, err);
}
