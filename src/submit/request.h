/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * request: what the caller of a submission asked for: option values, switches and recipients.  The command line fills
 * it, and so does any other front door that accepts messages.
 */
#ifndef SUBMIT_REQUEST_H
#define SUBMIT_REQUEST_H

#include "base/runtime.h"
#include "config/account.h"

struct request {
	struct account *flags;	  /* the values given, with their origin; owned.  Its flavour is that of all files if it
				     is msmtp's */
	bool given[OPTION_COUNT]; /* options given, switches without a value included */
	char delivery; /* sendmail's delivery mode (-od, -O DeliveryMode=): 'i' now, 'b', 'q' or 'd' later; 0: not given
			*/
	struct strvec recipients; /* as typed */
	const char *login;	  /* who has logged in at the mail service to send it, for the log; borrowed, or NULL */
	struct strvec names;	  /* options as typed; origins of flags point here */
};

void request_init(struct request *req, const struct runtime *runtime);
void request_release(struct request *req);

#endif
