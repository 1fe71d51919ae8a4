/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outcome: what became of one recipient.  Every recipient ends with exactly
 * one.  UNKNOWN is for a connection lost after the end of data and before the
 * server's verdict: the message may have been delivered.
 */
#ifndef SMTP_CLIENT_OUTCOME_H
#define SMTP_CLIENT_OUTCOME_H

#include "base/error.h"
#include "smtp/reply.h"

/* QUEUED: was RETRY or UNKNOWN, or never tried, and lies in the queue now; no session says so. */
enum outcome_kind { OUTCOME_OPEN, OUTCOME_ACCEPTED, OUTCOME_RETRY, OUTCOME_REFUSED, OUTCOME_UNKNOWN, OUTCOME_QUEUED };

struct outcome {
	enum outcome_kind kind;
	struct status status; /* why; ACCEPTED: of kind ERROR_NONE, with the server's reply */
	bool remaining; /* RETRY only because this session takes no further transaction: another would serve it at once
			 */
	bool of_recipient; /* the verdict is about this recipient (RCPT, LMTP), not the message for all */
};

void outcome_release(struct outcome *o);
void outcome_copy(struct outcome *to, const struct outcome *from);
/* From an error: retry or refused by the error's kind. */
void outcome_from_error(struct outcome *o, const struct error *err);
/* ACCEPTED with this reply. */
void outcome_accept(struct outcome *o, const struct reply *reply);
/*
 * The failure that speaks for all of these outcomes (status_leading()), or for those marked in chosen, if that is not
 * NULL.  Between equals one that concerns the message leads one that concerns a single recipient.  NULL if none failed;
 * else it lives as long as they do.
 */
const struct status *outcome_leading(const struct outcome *outcomes, size_t n, const bool *chosen);
/* "accepted", "retry", "refused", "unknown", "queued", "open": for --json and the log. */
const char *outcome_name(enum outcome_kind kind);

#endif
