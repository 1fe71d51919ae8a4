/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/account_wait.h"

#include "base/xalloc.h"
#include "queue/item_route.h"
#include "queue/retry.h"

static void release_wait(struct account_wait *wait)
{
	free(wait->route);
	free(wait->account);
	free(wait->id);
	status_release(&wait->why);
}

void account_waits_release(struct account_waits *waits)
{
	for (size_t i = 0; i < waits->n; i++)
		release_wait(&waits->v[i]);
	free(waits->v);
	*waits = ACCOUNT_WAITS_INIT;
}

static struct account_wait *find_route(const struct account_waits *waits, const char *route)
{
	for (size_t i = 0; i < waits->n; i++)
		if (strcmp(waits->v[i].route, route) == 0)
			return &waits->v[i];
	return NULL;
}

void account_waits_add(struct account_waits *waits, const struct queue_item *item, int64_t now)
{
	bool held = retry_holds_account(item);
	if (!held && !retry_delays_account(item, now))
		return;
	AUTO_FREE char *route = queue_item_route(item);
	struct account_wait *wait = find_route(waits, route);
	if (wait && (!wait->due || !held))
		return;
	if (wait) {
		release_wait(wait);
	} else {
		GROW(waits->v, waits->n, waits->cap);
		wait = &waits->v[waits->n++];
	}
	const struct status *why = queue_item_leading(item);
	*wait = (struct account_wait){.route = steal_ptr(route),
				      .account = queue_item_account_label(item),
				      .id = xstrdup(item->id),
				      .due = held ? 0 : item->due};
	status_copy(&wait->why, why ? why : &STATUS_INIT);
}

bool account_waits_read(struct account_waits *waits, struct spool *spool, int64_t now, struct error *err)
{
	AUTO(strvec) ids = STRVEC_INIT;
	if (!spool_list_tried(spool, &ids, err))
		return false;
	for (size_t i = 0; i < ids.n; i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		struct spool_stat where;
		if (spool_read(spool, ids.v[i], &item, &where, NULL) > 0 && where.folder == SPOOL_NEW)
			account_waits_add(waits, &item, now);
	}
	return true;
}

const struct account_wait *account_waits_find(const struct account_waits *waits, const struct queue_item *item,
					      int64_t now)
{
	if (!waits->n || item->state != QUEUE_QUEUED || !queue_item_pending(item) || item->in_flight ||
	    item->not_before > now)
		return NULL;
	AUTO_FREE char *route = queue_item_route(item);
	const struct account_wait *wait = find_route(waits, route);
	return wait && (!wait->due || item->due < wait->due) ? wait : NULL;
}
