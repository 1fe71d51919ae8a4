/* SPDX-License-Identifier: GPL-3.0-or-later */
/* envelope_fill: the envelope from arguments, header and account. */
#ifndef SUBMIT_ENVELOPE_FILL_H
#define SUBMIT_ENVELOPE_FILL_H

#include "submit/request.h"
#include "submit/submission.h"

/* Checks the address and adds its form in A-labels. */
bool envelope_make_address(const char *given, bool null_ok, struct mail_address *out, struct error *err) MUST_CHECK;
/* The recipients of the command line and, with -t, of the header, each once; entries that cannot be understood are
 * refused recipients.  None at all is ERROR_USAGE unless p->needs_no_recipient; ERROR_ADDRESS if one is dangerous. */
bool envelope_collect_recipients(struct submission *p, const struct request *request, struct error *err) MUST_CHECK;
/* The sender and what is requested for the delivery, but the parameters of MAIL (mail_params_fill()). */
bool envelope_fill(struct mail_options *mail, const struct account *account, const struct request *request,
		   const char *sender, struct error *err) MUST_CHECK;

#endif
