/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_policy: an account's queue_retry and queue_lifetime, as src/queue/retry.h wants them.
 */
#ifndef RUNNER_RETRY_POLICY_H
#define RUNNER_RETRY_POLICY_H

#include "config/account.h"
#include "queue/retry.h"

struct account_retry_policy {
	struct retry_policy retry; /* its schedule lies in here, or is the default's */
	int64_t *schedule;
};

/* What the account does not say is as in retry_policy_default. */
void account_retry_policy_init(struct account_retry_policy *policy, const struct account *a);
void account_retry_policy_release(struct account_retry_policy *policy);

#endif
