/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/retry_policy.h"

#include "base/xalloc.h"

/* In seconds, or 0 for a word that is not a time (those of the configuration were checked when they were read). */
static int64_t seconds_of(const char *word)
{
	struct value v = {.set = false};
	int64_t seconds = 0;
	if (value_parse(&option_table[OPT_QUEUE_LIFETIME], span_of(word), &v, NULL) && v.n > 0)
		seconds = v.n / 1000;
	value_release(&v);
	return seconds;
}

void account_retry_policy_init(struct account_retry_policy *policy, const struct account *a)
{
	const struct strvec *times = account_list(a, OPT_QUEUE_RETRY);
	size_t n = 0;
	*policy = (struct account_retry_policy){.retry = retry_policy_default};
	if (account_is_set(a, OPT_QUEUE_LIFETIME)) {
		long long lifetime = account_int(a, OPT_QUEUE_LIFETIME);
		policy->retry.lifetime = lifetime > 0 ? lifetime / 1000 : INT64_MAX;
	}
	policy->schedule = times->n ? xcalloc(times->n, sizeof(*policy->schedule)) : NULL;
	for (size_t i = 0; i < times->n; i++) {
		int64_t seconds = seconds_of(times->v[i]);
		if (seconds > 0)
			policy->schedule[n++] = seconds;
	}
	if (!n)
		return;
	policy->retry.schedule = policy->schedule;
	policy->retry.n = n;
}

void account_retry_policy_release(struct account_retry_policy *policy)
{
	free(policy->schedule);
	*policy = (struct account_retry_policy){.retry = retry_policy_default};
}
