/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/account_wait.h"

#include "base/xalloc.h"
#include "queue/item_route.h"
#include "queue/retry.h"

#define LOOKED_AT 100 /* messages, when one is looked for that waits for a server */

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
	if (!item->n_history || (!held && !retry_delays_account(item, now)))
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
				      .since = item->history[item->n_history - 1].when,
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
	if (!wait || !wait->due)
		return wait;
	return item->due < wait->due && item->arrival <= wait->since ? wait : NULL; /* a newer one asks again */
}

/* ---- the server has answered ------------------------------------------------- */

static bool waits_for_server(const struct queue_item *item, const char *route, int64_t now)
{
	if (!retry_delays_account(item, now) || retry_along(&retry_policy_default, item) > now)
		return false;
	AUTO_FREE char *own = queue_item_route(item);
	return strcmp(own, route) == 0;
}

/* False: it does not wait for the server, or cannot be changed now. */
static bool make_due(struct spool *spool, const char *id, const char *route, int64_t now)
{
	AUTO_PTR(spool_entry) entry = NULL;
	if (spool_claim(spool, id, &entry, NULL, NULL) <= 0)
		return false;
	struct queue_item *item = spool_entry_item(entry);
	if (spool_entry_damaged(entry) || item->in_flight || !waits_for_server(item, route, now))
		return false;
	item->due = now;
	return spool_update(entry, NULL);
}

void account_waits_end(struct spool *spool, const char *route, int64_t now)
{
	AUTO(strvec) ids = STRVEC_INIT;
	if (!spool_list(spool, SPOOL_NEW, &ids, NULL))
		return;
	for (size_t i = 0; i < ids.n && i < LOOKED_AT; i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		if (spool_read(spool, ids.v[i], &item, NULL, NULL) > 0 && waits_for_server(&item, route, now) &&
		    make_due(spool, ids.v[i], route, now))
			return;
	}
}
