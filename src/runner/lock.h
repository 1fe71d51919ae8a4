/* SPDX-License-Identifier: GPL-3.0-or-later */
/* lock: there is one runner for each queue: it has a lock on the file "runner" in the queue's folder. */
#ifndef RUNNER_LOCK_H
#define RUNNER_LOCK_H

#include "base/error.h"

/* 1: *fd holds the lock until it is closed or this process ends; 0: another runner has it; -1.  folder: the queue's. */
int runner_lock(const char *folder, int *fd, struct error *err) MUST_CHECK;
/* 1: a runner has the lock; 0: none has, or there is no such file; -1. */
int runner_is_running(const char *folder, struct error *err) MUST_CHECK;

#endif
