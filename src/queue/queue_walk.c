/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_walk.h"

static void visit_messages(struct spool *spool, const struct strvec *ids, const struct queue_visitor *visitor)
{
	for (size_t i = 0; i < ids->n; i++) {
		AUTO(queue_item) item = QUEUE_ITEM_INIT;
		AUTO(error) problem = ERROR_INIT;
		struct spool_stat where;
		int found = spool_read(spool, ids->v[i], &item, &where, &problem);
		if (found > 0)
			visitor->message(visitor->ctx, &item, &where);
		else if (found < 0)
			visitor->unreadable(visitor->ctx, ids->v[i], &problem);
	}
}

bool queue_walk(struct spool *spool, const struct queue_visitor *visitor, struct error *err)
{
	AUTO(strvec) waiting = STRVEC_INIT, failed = STRVEC_INIT;
	if (!spool_list(spool, SPOOL_NEW, &waiting, err) || !spool_list(spool, SPOOL_FAILED, &failed, err))
		return false;
	visit_messages(spool, &waiting, visitor);
	visit_messages(spool, &failed, visitor);
	return true;
}
