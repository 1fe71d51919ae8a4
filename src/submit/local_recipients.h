/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * local_recipients: names of this machine among the recipients go through the
 * aliases; what is still local then is not handed to a mail server (a server
 * behind LMTP or a Unix socket excepted, which delivers locally itself).
 */
#ifndef SUBMIT_LOCAL_RECIPIENTS_H
#define SUBMIT_LOCAL_RECIPIENTS_H

#include "submit/submission.h"

/* Replaces p->env's recipients; those refused go to p->refused.  The aliases file is opened only if there is a
 * local one.  ERROR_LOCAL_NAME when nobody is left, or not all and the account wants all or nothing. */
bool local_recipients_settle(struct submission *p, const struct request *request, struct error *err) MUST_CHECK;
/* Adds the refused to p->env, and to result their outcomes.  p->env is no longer what was sent. */
void local_recipients_report(struct submission *p, struct delivery_result *result);

#endif
