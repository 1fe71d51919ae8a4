/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sender: who sends a message, as the caller, the header, the account and the setting "sender" have it. */
#ifndef SUBMIT_SENDER_H
#define SUBMIT_SENDER_H

#include "submit/submission.h"

/* What the caller or the header says, before an account is known; *sender stays NULL if nobody says anything. */
bool sender_known(const struct submission *p, const struct request *request, char **sender,
		  struct error *err) MUST_CHECK;
/*
 * The envelope sender: the account's address, unless the caller named one and may, mended as the account
 * wants it.  *sender is what was known and becomes the answer.  Fills p->own_address, p->sender_said and
 * p->local.
 */
bool sender_settle(struct submission *p, const struct runtime *runtime, char **sender, struct error *err) MUST_CHECK;

/* The %-sequences of the account where nothing is sent (--serverinfo, --pretend): a pattern in from stays one. */
bool sender_expand_settings(struct submission *p, const struct runtime *runtime, struct error *err) MUST_CHECK;

#endif
