/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idn: domains to A-labels (RFC 5890, UTS #46 nontransitional) by libidn2.
 *
 * Our own checks come first, since libidn2 lets empty labels, blanks and "." pass:
 * ASCII domains must be LDH labels with underscores tolerated, 1..63 octets each, 253 in all; one
 * trailing dot is dropped.  Domain literals in brackets pass unchanged after an inet_pton check ("[IPv6:...]").
 */
#ifndef NET_IDN_H
#define NET_IDN_H

#include "base/error.h"

/* malloc'ed A-label form, or NULL with ERROR_ADDRESS naming what is wrong. */
char *idn_to_ascii(struct span domain, struct error *err);
/* The whole addr-spec: *ascii is NULL (and true returned) if its local part is not ASCII; the
 * domain is converted.  False with ERROR_ADDRESS if the domain cannot be. */
bool idn_address_to_ascii(const char *addr, char **ascii, struct error *err) MUST_CHECK;

#endif
