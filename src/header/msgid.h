/* SPDX-License-Identifier: GPL-3.0-or-later */
/* msgid and date: the values of fields we add. */
#ifndef HEADER_MSGID_H
#define HEADER_MSGID_H

#include "base/clock.h"
#include "base/strbuf.h"

/* Appends "<random@domain>" (RFC 5322 section 3.6.4): 128 random bits in base32
 * lower case, nothing about the user or the machine but the domain given. */
void msgid_make(struct strbuf *out, const struct rng *rng, const char *domain);
/* Appends "Sun, 22 Nov 2026 10:30:00 +0100": English whatever the locale, the
 * zone's offset at that moment (RFC 5322 section 3.3). */
void date_make(struct strbuf *out, time_t when);

#endif
