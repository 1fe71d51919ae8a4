/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns_name: names that are asked for in the DNS, or come from it.
 */
#ifndef DNS_NAME_H
#define DNS_NAME_H

#include "base/error.h"

#define DNS_NAME_MAX 255

/* True if the name has only the characters of host names: names from the DNS go to the dialer, to the certificate check
 * and into messages. */
bool dns_name_is_host(const char *name);
/* The domain or host in ASCII, without a final dot; malloc'ed.  NULL with ERROR_HOST_UNKNOWN if it is not a name. */
char *dns_name_ascii(const char *name, struct error *err);

#endif
