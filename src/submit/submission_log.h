/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * submission_log: one event for each message somebody tried to send, written
 * to where the account logs.
 */
#ifndef SUBMIT_SUBMISSION_LOG_H
#define SUBMIT_SUBMISSION_LOG_H

#include "base/log.h"
#include "submit/submission.h"

/* result NULL: it failed before a session, and err (else ignored) says why. */
struct submission_log_entry {
	const struct delivery_result *result;
	const struct error *err;
	int status;
};

/* What is known about the submission as values: msmtp's keys in msmtp's order, ours behind them, "exitcode" last.
 * p->account must be set; the rest of p may be incomplete. */
void submission_log_event(struct log_event *event, const struct submission *p, const struct request *request,
			  const struct submission_log_entry *fate);
/* Writes an event of ours to every log of the account, now; a log that cannot be written is a line on standard error.
 */
void log_account_event(const struct account *a, const struct runtime *runtime, struct log_event *event);
/*
 * Writes it to every log of the account.  Where the account could not be chosen, the one that was meant is looked
 * for, as far as the configuration can be read.  A log that cannot be written is a line on standard error and
 * nothing more.
 */
void submission_log(struct submission *p, const struct request *request, const struct runtime *runtime,
		    const struct submission_log_entry *fate);

#endif
