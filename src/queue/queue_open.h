/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue_open: opens the queue of the user. */
#ifndef QUEUE_QUEUE_OPEN_H
#define QUEUE_QUEUE_OPEN_H

#include "queue/spool.h"

/* 1: *spool is open, for the caller to free; 0: the user has no queue, and none was created; -1. */
int queue_open_existing(const struct runtime *runtime, struct spool **spool, struct error *err) MUST_CHECK;
/* Creates the queue if there is none.  NULL on failure. */
struct spool *queue_open(const struct runtime *runtime, struct error *err) MUST_CHECK;
/*
 * Appends the complete ID that begins with prefix.  ERROR_FILE_MISSING if there is none (also if spool is NULL: there
 * is no queue), ERROR_USAGE if there are several or prefix is empty.
 */
bool queue_find(struct spool *spool, const char *prefix, struct strbuf *id, struct error *err) MUST_CHECK;

#endif
