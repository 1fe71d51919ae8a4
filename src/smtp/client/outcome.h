/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outcome: what became of one recipient.  Every recipient ends with exactly
 * one.  UNKNOWN is for a connection lost after the end of data and before the
 * server's verdict: the message may have been delivered.
 */
#ifndef SMTP_CLIENT_OUTCOME_H
#define SMTP_CLIENT_OUTCOME_H

#include "base/error.h"

/* QUEUED: was RETRY or UNKNOWN, or never tried, and lies in the queue now; no session says so. */
enum outcome_kind { OUTCOME_OPEN, OUTCOME_ACCEPTED, OUTCOME_RETRY, OUTCOME_REFUSED, OUTCOME_UNKNOWN, OUTCOME_QUEUED };

struct outcome {
	enum outcome_kind kind;
	enum error_kind error; /* ERROR_NONE when accepted */
	int code;	       /* of the reply that decided, or 0 */
	char enhanced[ENHANCED_MAX];
	char *text;	/* what happened, our words; NULL when accepted */
	char *server;	/* the server's words, cleaned, or NULL */
	char *lines;	/* the same with '\n' between its lines, or NULL */
	char *hint;	/* what to do, or NULL */
	bool remaining; /* RETRY only because this session takes no further transaction: another would serve it at once
			 */
	bool of_recipient; /* the verdict is about this recipient (RCPT, LMTP), not the whole message */
};

void outcome_release(struct outcome *o);
void outcome_copy(struct outcome *to, const struct outcome *from);
/* From an error: retry or refused by the error's kind. */
void outcome_from_error(struct outcome *o, const struct error *err);
/* "accepted", "retry", "refused", "unknown", "queued", "open": for --json and the log. */
const char *outcome_name(enum outcome_kind kind);

#endif
