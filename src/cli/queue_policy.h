/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_policy: an account's queue_retry and queue_lifetime, as src/queue/retry.h wants them.
 */
#ifndef CLI_QUEUE_POLICY_H
#define CLI_QUEUE_POLICY_H

#include "config/account.h"
#include "queue/retry.h"

struct queue_policy {
	struct retry_policy retry; /* its schedule lies in here, or is the default's */
	int64_t *schedule;
};

/* What the account does not say is as in retry_policy_default. */
void queue_policy_init(struct queue_policy *policy, const struct account *a);
void queue_policy_release(struct queue_policy *policy);

#endif
