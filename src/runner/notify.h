/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notify: reports what became of a queued message: by mail to its sender (dsn/dsn.h), and by the account's command
 * (failure_hook.h).
 *
 * How the runner uses it, with the entry claimed until the end:
 *
 *	// the entry has been claimed, and queue_item_recover() called
 *	if (notify_owes(spool, item, now)) // a crash prevented a report
 *		ok = notify(spool, entry, p, runtime, now, &err);
 *	// an attempt was made, and spool_update() has stored its outcome
 *	ok = notify(spool, entry, p, runtime, now, &err);
 *	if (ok && !queue_item_pending(item))
 *		ok = notify_end(spool, entry, &err); // instead of spool_finish()
 *
 * A message with nothing pending is due at once, whatever its due time says: only the reports are left to do.
 *
 * What is reported, each at most once for each recipient, several in one report:
 *	failed	 state FAILED, and NOTIFY is unset or names FAILURE.  At once for those of the first
 *		 attempt that refused any; those that fail later are reported when the message is over.  So
 *		 there are at most two such reports, nearly always one, and a mistyped address is
 *		 reported within minutes, not days.
 *	delayed	 still pending NOTIFY_AFTER after arrival, and NOTIFY names DELAY.
 *	relayed	 accepted with relayed_without_dsn, and NOTIFY names SUCCESS; with any other report, or at the end.
 * No report is ever sent about a message from the null sender or about a report (on_failure still runs).
 *
 * A report is a message in the queue like any other: null sender, the original's account, file and options; report_of
 * names the original.  Until it is accepted, an original with nothing pending is kept in failed/.  A report that fails
 * for good is removed, and the original stays, with the reason in it, until the user removes it.  If the original is
 * not in failed/ (it is still being tried for other recipients, or was removed), the report itself is moved to failed/.
 *
 * Why there are never two reports and never none, wherever the program dies:
 *	1  the original is stored with the report's ID, and each recipient in it with its REPORTING bit
 *	2  the report is enqueued under that ID, HELD: no runner sends it
 *	3  the original is stored with REPORTED bits instead of REPORTING ones
 *	4  the report is released
 *	5  (end only) the original is moved to failed/
 * A process that finds REPORTING bits looks for the ID.  Without such a message step 2 never happened (a report that is
 * held cannot have been sent and removed): the bits are cleared, and it starts with step 1.  Else it continues with
 * step 3. If there is an ID and no REPORTING bit, the report is released if it is held for that.  Nothing depends on
 * the order in which messages are tried.
 */
#ifndef RUNNER_NOTIFY_H
#define RUNNER_NOTIFY_H

#include "submit/submission.h"
#include "queue/spool.h"

/* A message this old, still pending after an attempt, is delayed; seconds. */
#define NOTIFY_AFTER (4 * 3600)

/* True if a report is due or was begun.  Cheap, except for an item with a report under way, which is read.  (A command
 * that was not run because of a crash is run by the next notify(), which may be called at any time and does nothing
 * twice.) */
bool notify_owes(struct spool *spool, const struct queue_item *item, int64_t now);
/*
 * After the item changed (attempt made, recipients failed, held, expired) and was stored: makes and
 * enqueues what is due, and runs on_failure for what changed.  Stores the item where it changes it.
 * p: account and settings; p->account NULL (it was removed): reports are made, no command is run.
 * True: everything that was due is reported.  False: the entry can still be used; call again later.
 * A command that fails is noted in the history and in the account's log, and is not a failure of this function.
 */
bool notify(struct spool *spool, struct spool_entry *entry, struct submission *p, const struct runtime *runtime,
	    int64_t now, struct error *err) MUST_CHECK;
/*
 * The end of a message with nothing pending, after notify(): removes it, or moves it to failed/ (above);
 * for a report, updates its original first.  After that the entry can only be freed.  False: call again later, not at
 * once (one reason is an original that another process has claimed just now).
 */
bool notify_end(struct spool *spool, struct spool_entry *entry, struct error *err) MUST_CHECK;

#endif
