/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account_retry_policy: the queue_retry and queue_lifetime of an account, as queue/retry.h takes them. */
#ifndef RUNNER_RETRY_POLICY_H
#define RUNNER_RETRY_POLICY_H

#include "config/account.h"
#include "queue/retry.h"

struct account_retry_policy {
	struct retry_policy retry; /* its schedule is the one below, or the default's */
	int64_t *schedule;
};

/* Options that are not set have their value from retry_policy_default. */
void account_retry_policy_init(struct account_retry_policy *policy, const struct account *a);
void account_retry_policy_release(struct account_retry_policy *policy);

#endif
