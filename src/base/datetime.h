/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * datetime: points in time as text (RFC 3339 section 5.6, a profile of ISO 8601).  A point is in seconds since 1970
 * UTC; years go from 1970 to 9999.  Fractions of a second are accepted and dropped.
 */
#ifndef BASE_DATETIME_H
#define BASE_DATETIME_H

#include "base/span.h"
#include "base/strbuf.h"

#include <stdint.h>

/* Parses "2026-12-24T18:00:00+01:00" or "2026-12-24t17:00:00.25Z"; the zone is required.  False if the text is
 * anything else. */
bool datetime_parse(struct span text, int64_t *when);
/*
 * Parses a time as users write it: seconds and zone may be missing, a space may replace the "T", and "18:00" alone is
 * the next time the clock shows that, counted from now.  Without a zone the local one (TZ) is used.
 */
bool datetime_parse_local(struct span text, int64_t now, int64_t *when);
/* Appends "2026-12-24T17:00:00Z". */
void datetime_format(int64_t when, struct strbuf *out);

#endif
