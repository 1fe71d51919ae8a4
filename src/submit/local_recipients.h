/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * local_recipients: recipients that are names of this machine are looked up in the aliases.  Those that are local even
 * then are refused, unless the server is reached by LMTP or a Unix socket: such a server delivers locally.
 */
#ifndef SUBMIT_LOCAL_RECIPIENTS_H
#define SUBMIT_LOCAL_RECIPIENTS_H

#include "submit/request.h"
#include "submit/submission.h"

/* Replaces p->env's recipients by what the aliases say, and refuses those that are still local.  The aliases file is
 * opened only if there is a local recipient.  ERROR_LOCAL_NAME if all are refused, or some and the account says
 * "partial abort". */
bool local_recipients_settle(struct submission *p, const struct request *request, struct error *err) MUST_CHECK;

#endif
