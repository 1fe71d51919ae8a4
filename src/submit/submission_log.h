/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * submission_log: one event for each attempt to send a message, written to the logs of the account: msmtp's keys in
 * msmtp's order, then ours, "exitcode" last.
 */
#ifndef SUBMIT_SUBMISSION_LOG_H
#define SUBMIT_SUBMISSION_LOG_H

#include "base/log.h"
#include "submit/settings.h"
#include "submit/submission.h"

/* result NULL: it failed before a session, and err (else ignored) says why. */
struct submission_log_entry {
	const struct delivery_result *result;
	const struct error *err;
	int status;
};

/* Writes an event of ours to every log of the account; a log that cannot be written is shown as a problem. */
void log_account_event(const struct account *a, const struct runtime *runtime, struct log_event *event);
/* The same for an event that no message decides about: to the logs of the account that is used without any. */
void log_service_event(struct settings *settings, const struct request *request, const struct runtime *runtime,
		       struct log_event *event);
/*
 * Writes it to every log of the account.  If the account could not be chosen, it is looked up for this, as far as the
 * configuration can be read (settings_find_for_log()).  The rest of p may be incomplete.  request may be NULL if
 * account and envelope are known (a queued message).
 */
void submission_log(const struct submission *p, struct settings *settings, const struct request *request,
		    const struct runtime *runtime, const struct submission_log_entry *fate);

#endif
