/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spool_id: names of queued messages: four random characters and nine of time (milliseconds since 1970, until the year
 * 3084).  The random ones come first, so that people can tell messages of the same minute apart by their first letters,
 * and name them by these.  The alphabet sorts like its bytes and has no letters that look alike (no i, l, o, u).
 *
 * IDs used to have the time first.  They are still valid: until 2039 these begin with 0 or 1, and the others do not.
 */
#ifndef QUEUE_SPOOL_ID_H
#define QUEUE_SPOOL_ID_H

#include "base/clock.h"
#include "base/span.h"

#define SPOOL_ID_LEN 13

/* id has room for SPOOL_ID_LEN + 1.  A time before 1970 is taken for 1970. */
void spool_id_make(char *id, int64_t now_ms, const struct rng *rng);
bool spool_id_valid(struct span id);
/* The time in a valid ID. */
int64_t spool_id_time_ms(const char *id);
/* Below, equal to or above 0 as by strcmp(): the older of two valid IDs comes first. */
int spool_id_compare(const char *a, const char *b);

#endif
