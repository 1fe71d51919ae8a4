/* SPDX-License-Identifier: GPL-3.0-or-later */
/* msgid: the values of the Message-ID and Date fields that we add. */
#ifndef HEADER_MSGID_H
#define HEADER_MSGID_H

#include "base/clock.h"
#include "base/strbuf.h"

/* Appends "<random@domain>" (RFC 5322 section 3.6.4): 128 random bits in base32, lower case, and the domain,
 * or "localhost" if that is NULL or neither a domain in ASCII nor an address literal.  Nothing
 * else in it says anything about the user or the machine. */
void msgid_make(struct strbuf *out, const struct rng *rng, const char *domain);
/* Appends "Sun, 22 Nov 2026 10:30:00 +0100" (RFC 5322 section 3.3): in English in any locale, with the offset of the
 * local time zone at that moment. */
void date_make(struct strbuf *out, time_t when);

#endif
