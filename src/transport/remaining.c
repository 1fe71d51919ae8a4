/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/remaining.h"

#include "base/xalloc.h"

bool remaining_collect(struct remaining *r, const struct envelope *full, struct outcome *outcomes)
{
	size_t left = 0, tried = r->index ? r->env.n : full->n;
	for (size_t i = 0; i < full->n; i++)
		left += outcomes[i].remaining;
	if (!left || left == tried)
		return false;
	remaining_release(r);
	r->env = *full;
	r->env.rcpts = xcalloc(left, sizeof(*r->env.rcpts));
	r->env.n = r->env.cap = left;
	r->index = xcalloc(left, sizeof(*r->index));
	for (size_t i = 0, at = 0; i < full->n; i++) {
		if (!outcomes[i].remaining)
			continue;
		outcome_release(&outcomes[i]);
		r->env.rcpts[at] = full->rcpts[i];
		r->index[at++] = i;
	}
	return true;
}

void remaining_release(struct remaining *r)
{
	free(r->env.rcpts);
	free(r->index);
	*r = REMAINING_INIT;
}
