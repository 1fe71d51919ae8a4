/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/queue_walk.h"

static void visit(struct spool *spool, const char *id, int64_t now, const struct queue_visitor *visitor)
{
	AUTO(queue_item) item = QUEUE_ITEM_INIT;
	AUTO(error) problem = ERROR_INIT;
	struct queue_view view = {.item = &item, .now = now};
	int found = spool_read(spool, id, &item, &view.where, &problem);
	if (found > 0)
		visitor->message(visitor->ctx, &view);
	else if (found < 0)
		visitor->unreadable(visitor->ctx, id, &problem);
}

bool queue_walk(struct spool *spool, int64_t now, const struct queue_visitor *visitor, struct error *err)
{
	AUTO(strvec) fresh = STRVEC_INIT, failed = STRVEC_INIT;
	if (!spool_list(spool, SPOOL_NEW, &fresh, err) || !spool_list(spool, SPOOL_FAILED, &failed, err))
		return false;
	for (size_t i = 0; i < fresh.n; i++)
		visit(spool, fresh.v[i], now, visitor);
	for (size_t i = 0; i < failed.n;
	     i++) /* strvec_has() would be quadratic; a message that moves in between shows twice at worst */
		visit(spool, failed.v[i], now, visitor);
	return true;
}
