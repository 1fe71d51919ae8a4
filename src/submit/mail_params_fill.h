/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mail_requests: what is asked of the server beyond delivery, from account, command line and header. */
#ifndef SUBMIT_MAIL_PARAMS_FILL_H
#define SUBMIT_MAIL_PARAMS_FILL_H

#include "submit/submission.h"

/*
 * Fills p->env.params.  The account must be there, and the header's fields if there is a message: "TLS-Required: No"
 * there undoes the account's require_tls, but not the command line's (a warning says so).  ERROR_USAGE or ERROR_CONFIG
 * for a value that makes no sense (a time in the past), naming option or file; ERROR_CERTIFICATE if TLS is
 * demanded on the whole way and this account's line is not verified TLS.
 */
bool mail_params_fill(struct submission *p, const struct request *request, const struct clock *clock,
		      struct error *err) MUST_CHECK;
/* Nothing is asked any more. */
void mail_params_forget(struct mail_params *r);

#endif
