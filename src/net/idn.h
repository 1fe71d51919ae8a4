/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idn: converts domains to A-labels (RFC 5890, UTS #46 nontransitional) with libidn2.
 *
 * This module checks first, since libidn2 accepts empty labels, spaces and ".": an ASCII domain must consist of LDH
 * labels, in which underscores are tolerated, of 1 to 63 octets each and 253 in all.  One trailing dot is removed.
 * Domain literals in brackets ("[192.0.2.1]", "[IPv6:...]") are returned unchanged after an inet_pton check.
 */
#ifndef NET_IDN_H
#define NET_IDN_H

#include "base/error.h"

/* Returns the A-label form, malloc'ed, or NULL with ERROR_ADDRESS saying what is wrong. */
char *idn_to_ascii(struct span domain, struct error *err);
/* Converts the domain of an addr-spec; *ascii gets the address, malloc'ed.  If the local part is not ASCII, *ascii
 * becomes NULL and the result is still true.  False with ERROR_ADDRESS if the domain cannot be converted. */
bool idn_address_to_ascii(const char *addr, char **ascii, struct error *err) MUST_CHECK;

#endif
