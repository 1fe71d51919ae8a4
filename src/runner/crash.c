/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/crash.h"

#include "base/i18n.h"
#include "queue/retry.h"

#include <string.h>
#include <sys/wait.h>

static void describe(int ended, bool known, struct error *why)
{
	const char *what = known ? _("this message") : _("the queue");
	if (WIFSIGNALED(ended))
		(void)error_set(why, ERROR_SYSTEM, _("posthaste crashed while it worked on %s: %s"), what,
				strsignal(WTERMSIG(ended)));
	else
		(void)error_set(why, ERROR_SYSTEM, _("posthaste ended with status %d while it worked on %s"),
				WEXITSTATUS(ended), what);
	error_hint(why, "%s",
		   known ? _("It is tried again later, the other messages are sent. Please report this as a bug.")
			 : _("Please report this as a bug."));
}

/* Stores that the attempt failed.  As far as it is known, nothing is wrong with the account. */
static bool store_crash(struct spool *spool, const struct runtime *runtime, const char *id, bool recovers,
			const struct error *why)
{
	AUTO_PTR(spool_entry) entry = NULL;
	int64_t now = clock_wall(runtime->clock);
	if (spool_claim(spool, id, &entry, NULL, NULL) <= 0 || spool_entry_damaged(entry))
		return false;
	struct queue_item *item = spool_entry_item(entry);
	if (item->in_flight && recovers) /* the next child recovers it, and logs it */
		return true;
	if (!queue_item_recover(item)) {
		queue_item_set_status(item, now, &why->status);
		queue_item_attempt(item, now, &why->status);
	}
	struct retry_decision d = attempt_decide(item, true, &retry_policy_default, now, runtime->rng);
	attempt_apply(&d, item, NULL, &why->status);
	return spool_update(entry, NULL);
}

bool crash_note(struct spool *spool, const struct runtime *runtime, const char *id, bool recovers, int ended)
{
	AUTO(error) why = ERROR_INIT;
	bool known = spool_id_valid(span_of(id));
	describe(ended, known, &why);
	known = known && store_crash(spool, runtime, id, recovers, &why);
	if (known)
		error_stage(&why, _("message %s in the queue"), id);
	else
		error_stage(&why, "%s", _("queue"));
	runtime_problem(runtime, &why);
	return known;
}
