/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * datetime: points in time as text (RFC 3339 section 5.6, a profile of ISO
 * 8601).  Points are seconds since 1970 UTC; years go from 1970 to 9999.
 * Fractions of a second are read and dropped.
 */
#ifndef BASE_DATETIME_H
#define BASE_DATETIME_H

#include "base/span.h"
#include "base/strbuf.h"

#include <stdint.h>

/* "2026-12-24T18:00:00+01:00", "2026-12-24t17:00:00.25Z": the zone must be there. */
bool datetime_parse(struct span text, int64_t *when);
/*
 * As people write it: seconds, zone and the "T" (a blank) may be missing, and
 * "18:00" alone is the next time it is so late, counted from now.  Without a
 * zone the local one (TZ) counts.
 */
bool datetime_parse_local(struct span text, int64_t now, int64_t *when);
/* "2026-12-24T17:00:00Z" */
void datetime_format(int64_t when, struct strbuf *out);

#endif
