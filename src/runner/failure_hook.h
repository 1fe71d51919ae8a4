/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * on_failure: runs the command of the option on_failure when a queued message is held, delayed, failed or expired.  No
 * shell is used: the words of the option are the command's arguments.  Its standard input is one JSON object:
 *
 *	event		"held", "delayed", "failed" or "expired"
 *	...		the message, as mailq --json shows it (queue/item_json.h)
 *	advice		what the user can do about the message, or null
 *	recipients	as mailq --json shows them, each with "changed"
 */
#ifndef RUNNER_FAILURE_HOOK_H
#define RUNNER_FAILURE_HOOK_H

#include "base/runtime.h"
#include "base/strbuf.h"
#include "config/account.h"
#include "queue/item.h"

#define FAILURE_HOOK_SECONDS 60

enum failure_event { FAILURE_HELD, FAILURE_DELAYED, FAILURE_FAILED, FAILURE_EXPIRED };
const char *failure_event_name(enum failure_event event);

/* Appends that object.  "changed" is true for recipients that the event is about and the command was not run for. */
void failure_hook_json(const struct queue_item *item, enum failure_event event, struct strbuf *out);
/* Runs the account's command, for FAILURE_HOOK_SECONDS at most; true if there is none. */
bool failure_hook_run(const struct account *account, const struct queue_item *item, enum failure_event event,
		      const struct runtime *runtime, struct error *err) MUST_CHECK;

#endif
