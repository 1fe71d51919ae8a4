/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spool_id: names of queued messages: nine characters of time (milliseconds since 1970, until the year 3084) and four
 * random ones.  The alphabet sorts like its bytes and has no letters that look alike (no i, l, o, u).
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

#endif
