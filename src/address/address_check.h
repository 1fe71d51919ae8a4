/* SPDX-License-Identifier: GPL-3.0-or-later */
/* address_check: the syntax of one address, without display name and angle brackets. */
#ifndef ADDRESS_ADDRESS_CHECK_H
#define ADDRESS_ADDRESS_CHECK_H

#include "base/error.h"

/*
 * Whether addr is allowed between "<" and ">" of MAIL FROM or RCPT TO (RFC 5321 section 4.1.2, RFC 6531 section 3.3):
 * it is valid UTF-8 without control characters and without unquoted spaces and specials, its local part is not empty,
 * the local part has at most 256 octets, and the address at most 1000 (more than RFC 5321 section 4.5.3.1 guarantees).
 * A local name without a domain is allowed; "" is allowed if null_ok. ERROR_ADDRESS quotes the address, cleaned.
 */
bool address_check(struct span addr, bool null_ok, struct error *err) MUST_CHECK;

/* Splits at the last unquoted "@"; domain.ptr == NULL if there is none. */
void address_split(struct span addr, struct span *local, struct span *domain);

/* Whether c is allowed in an atom: it is not a control character, space or special. Octets above 127 are allowed. */
bool address_is_atext(char c);

#endif
