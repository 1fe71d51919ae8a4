/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/account_wait.h"

#include "base/xalloc.h"
#include "queue/item_route.h"
#include "queue/retry.h"

#define LOOKED_AT 100 /* messages, when one is looked for that waits for a server */
#define OVERDUE 60    /* seconds: the queue is not being worked through */

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

static bool read_waits(struct account_waits *waits, struct spool *spool, size_t most, int64_t now, struct error *err)
{
	AUTO(strvec) ids = STRVEC_INIT;
	if (!spool_list_tried(spool, &ids, err))
		return false;
	for (size_t i = 0; i < ids.n && i < most; i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		struct spool_stat where;
		if (spool_read(spool, ids.v[i], &item, &where, NULL) > 0 && where.folder == SPOOL_NEW)
			account_waits_add(waits, &item, now);
	}
	return true;
}

bool account_waits_read(struct account_waits *waits, struct spool *spool, int64_t now, struct error *err)
{
	return read_waits(waits, spool, SIZE_MAX, now, err);
}

void account_waits_peek(struct account_waits *waits, struct spool *spool, int64_t now)
{
	(void)read_waits(waits, spool, LOOKED_AT, now, NULL);
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

/* ---- a new message ------------------------------------------------------------- */

/* account_fault without an attempt: it was queued after one that waits. */
static bool is_ahead(const struct queue_item *item, bool runs, int64_t now)
{
	return item->account_fault && item->state == QUEUE_QUEUED && queue_item_pending(item) &&
	       item->not_before <= now && (runs || item->in_flight || item->due >= now - OVERDUE);
}

char *account_waits_ahead(struct spool *spool, const char *route, bool runs, int64_t now)
{
	AUTO(strvec) ids = STRVEC_INIT;
	if (!spool_list(spool, SPOOL_NEW, &ids, NULL))
		return NULL;
	for (size_t i = 0; i < ids.n && i < LOOKED_AT; i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		if (spool_read(spool, ids.v[i], &item, NULL, NULL) <= 0 || !is_ahead(&item, runs, now))
			continue;
		AUTO_FREE char *own = queue_item_route(&item);
		if (strcmp(own, route) == 0)
			return xstrdup(ids.v[i]);
	}
	return NULL;
}

/* ---- the fault is over ---------------------------------------------------------- */

/* The messages whose wait ends. */
struct concerned {
	const char *route;   /* those of this route; or NULL: */
	const char *account; /* those of the account of this name */
	int64_t now;
};

static bool concerns(const struct concerned *c, const struct queue_item *item)
{
	if (!c->route)
		return item->account && strcmp(item->account, c->account) == 0;
	AUTO_FREE char *own = queue_item_route(item);
	return strcmp(own, c->route) == 0;
}

static bool waits_for_server(const struct queue_item *item, int64_t now)
{
	return retry_delays_account(item, now) && retry_along(&retry_policy_default, item) <= now;
}

/* False: it does not wait, or cannot be changed now. */
static bool make_due(struct spool *spool, const char *id, const struct concerned *c)
{
	AUTO_PTR(spool_entry) entry = NULL;
	if (spool_claim(spool, id, &entry, NULL, NULL) <= 0)
		return false;
	struct queue_item *item = spool_entry_item(entry);
	if (spool_entry_damaged(entry) || item->in_flight || !concerns(c, item))
		return false;
	if (retry_holds_account(item))
		return spool_release(entry, c->now, NULL);
	if (!waits_for_server(item, c->now))
		return false;
	item->due = c->now;
	return spool_update(entry, NULL);
}

/* Of those that wait for the server, one is enough; those that are held keep each other from being tried. */
static size_t end_waits(struct spool *spool, const struct concerned *c)
{
	AUTO(strvec) ids = STRVEC_INIT;
	size_t ended = 0;
	bool one = false;
	if (!spool_list(spool, SPOOL_NEW, &ids, NULL))
		return 0;
	for (size_t i = 0; i < ids.n && i < LOOKED_AT; i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		if (spool_read(spool, ids.v[i], &item, NULL, NULL) <= 0 || !concerns(c, &item))
			continue;
		bool held = retry_holds_account(&item);
		if ((!held && (one || !waits_for_server(&item, c->now))) || !make_due(spool, ids.v[i], c))
			continue;
		one |= !held;
		ended++;
	}
	return ended;
}

void account_waits_end(struct spool *spool, const char *route, int64_t now)
{
	(void)end_waits(spool, &(struct concerned){.route = route, .now = now});
}

bool account_waits_end_named(struct spool *spool, const char *account, int64_t now)
{
	return end_waits(spool, &(struct concerned){.account = account, .now = now}) != 0;
}
