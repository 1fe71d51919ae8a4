/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sender: who sends a message, according to the caller, the header, the account and the setting "sender". */
#ifndef SUBMIT_SENDER_H
#define SUBMIT_SENDER_H

#include "submit/request.h"
#include "submit/submission.h"

/* What the caller or the header says, before an account is known; *sender stays NULL if neither names one. */
bool sender_known(const struct header_list *fields, const struct request *request, char **sender,
		  struct error *err) MUST_CHECK;
/*
 * The envelope sender: the account's address, unless the caller named one and may, replaced as the account wants it.
 * *sender is what was known and becomes the answer.  Expands the %-sequences of account, which is p->account.  Fills
 * p->own_address, p->replaced_sender and p->local.
 */
bool sender_settle(struct submission *p, struct account *account, const struct runtime *runtime, char **sender,
		   struct error *err) MUST_CHECK;

#endif
