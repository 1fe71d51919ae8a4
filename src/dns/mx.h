/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mx: the host that takes the mail of a domain (RFC 5321 section 5, RFC 7505). */
#ifndef DNS_MX_H
#define DNS_MX_H

#include "dns/lookup.h"

/* The most preferred host of the domain (U-labels are converted), in ASCII and malloc'ed; NULL: it has no MX record, or
 * takes no mail.  False with ERROR_DNS_TEMPORARY, ERROR_HOST_UNKNOWN (it is not a domain) or ERROR_SYSTEM. */
bool mx_find(const struct runtime *runtime, const char *domain, msec_t deadline, char **host,
	     struct error *err) MUST_CHECK;

#endif
