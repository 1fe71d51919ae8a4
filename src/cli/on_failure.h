/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * on_failure: the command a user wants to be called when a queued message is
 * held, delayed, failed or expired.  No shell: its words are the option's; what
 * happened is one JSON object on its standard input:
 *
 *	event		"held", "delayed", "failed" or "expired"
 *	id, message_id, report_of, account, from, state
 *	arrival, attempts, next_attempt (seconds since 1970; null: none by itself)
 *	host		who said the last word, or null
 *	reason, hint	in words; hint is null when there is none
 *	recipients	[{address, state, changed, error, code, enhanced, text, server, host, maybe_delivered}]
 */
#ifndef CLI_ON_FAILURE_H
#define CLI_ON_FAILURE_H

#include "base/clock.h"
#include "base/strbuf.h"
#include "config/account.h"
#include "queue/item.h"

#define ON_FAILURE_SECONDS 60

enum failure_event { FAILURE_HELD, FAILURE_DELAYED, FAILURE_FAILED, FAILURE_EXPIRED };
const char *failure_event_name(enum failure_event event);

/* What the command is told.  Recipients the event is about and it was not told of before are "changed". */
void on_failure_json(const struct queue_item *item, enum failure_event event, struct strbuf *out);
/* Runs the account's command, for ON_FAILURE_SECONDS at most; true if there is none. */
bool on_failure_run(const struct account *account, const struct queue_item *item, enum failure_event event,
		    const struct clock *clock, struct error *err) MUST_CHECK;

#endif
