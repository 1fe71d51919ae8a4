/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_health.h"

#include <inttypes.h>

void queue_health_count(struct queue_health *health, const struct queue_view *view)
{
	const struct queue_item *item = view->item;
	if (item->state == QUEUE_FAILED || view->where.folder == SPOOL_FAILED) {
		health->failed++;
		return;
	}
	if (item->state == QUEUE_HELD) {
		*(item->hold == HOLD_USER      ? &health->held_by_user
		  : item->hold == HOLD_DAMAGED ? &health->damaged
					       : &health->held_to_fix) += 1;
		return;
	}
	int64_t from = item->arrival > item->not_before ? item->arrival : item->not_before;
	int64_t age = from < view->now ? view->now - from : 0;
	health->queued++;
	if (age > health->oldest)
		health->oldest = age;
	if (age > QUEUE_HEALTH_AGE)
		health->late++;
}

bool queue_health_stuck(const struct queue_health *health)
{
	return health->held_to_fix || health->failed || health->damaged || health->late;
}

static size_t count_all(const struct queue_health *h)
{
	return h->queued + h->held_by_user + h->held_to_fix + h->failed + h->damaged;
}

/* Not translated, because programs read it. */
void queue_health_line(const struct queue_health *h, struct strbuf *out)
{
	if (!count_all(h)) {
		strbuf_adds(out, "QUEUE OK - the queue is empty");
	} else {
		strbuf_addf(out,
			    "QUEUE %s - %zu waiting (%zu of them for more than 4 hours), %zu held by you, %zu held "
			    "until something is fixed, %zu failed",
			    queue_health_stuck(h) ? "STUCK" : "OK", h->queued, h->late, h->held_by_user, h->held_to_fix,
			    h->failed);
		if (h->damaged)
			strbuf_addf(out, ", %zu damaged", h->damaged);
	}
	strbuf_addf(out,
		    " | messages=%zu waiting=%zu late=%zu held=%zu fix=%zu failed=%zu damaged=%zu oldest=%" PRId64 "s",
		    count_all(h), h->queued, h->late, h->held_by_user, h->held_to_fix, h->failed, h->damaged,
		    h->oldest);
}

void queue_health_json(const struct queue_health *h, struct json *j)
{
	json_bool(j, "stuck", queue_health_stuck(h));
	json_number(j, "messages", (long long)count_all(h));
	json_number(j, "waiting", (long long)h->queued);
	json_number(j, "late", (long long)h->late);
	json_number(j, "held_by_user", (long long)h->held_by_user);
	json_number(j, "held_to_fix", (long long)h->held_to_fix);
	json_number(j, "failed", (long long)h->failed);
	json_number(j, "damaged", (long long)h->damaged);
	json_number(j, "oldest_seconds", (long long)h->oldest);
}
