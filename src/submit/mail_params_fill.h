/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mail_params_fill: the parameters of MAIL, from account, command line and header. */
#ifndef SUBMIT_MAIL_PARAMS_FILL_H
#define SUBMIT_MAIL_PARAMS_FILL_H

#include "submit/request.h"
#include "submit/submission.h"

/*
 * Fills p->env.params.  Needs p->account, and p->fields if there is a message: "TLS-Required: No" there overrides the
 * account's require_tls, but not --require-tls (a warning says so).  ERROR_USAGE or ERROR_CONFIG for a value that makes
 * no sense (a time in the past), naming option or file; ERROR_CERTIFICATE if TLS is required all the way and this
 * account does not verify the certificate of its server.
 */
bool mail_params_fill(struct submission *p, const struct request *request, const struct clock *clock,
		      struct error *err) MUST_CHECK;
/* Clears all of them. */
void mail_params_forget(struct mail_params *r);

#endif
