/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue_open: the queue of the user who calls, for the modes that keep messages, look at them or change them. */
#ifndef CLI_QUEUE_OPEN_H
#define CLI_QUEUE_OPEN_H

#include "queue/spool.h"

/* 1: *spool is open, and the caller's to free; 0: this user has no queue, and none was made; -1. */
int queue_open_existing(const struct runtime *runtime, struct spool **spool, struct error *err) MUST_CHECK;
/* Makes it where there is none.  NULL on failure. */
struct spool *queue_open(const struct runtime *runtime, struct error *err) MUST_CHECK;
/*
 * The whole ID of the message that begins with prefix.  None (perhaps because there is no queue: spool
 * NULL) is ERROR_FILE_MISSING; several, or no prefix, ERROR_USAGE.
 */
bool queue_find(struct spool *spool, const char *prefix, struct strbuf *id, struct error *err) MUST_CHECK;

#endif
