/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/remaining.h"

#include "base/xalloc.h"

bool remaining_collect(struct remaining *rest, const struct envelope *whole, struct outcome *outcomes)
{
	size_t left = 0, tried = rest->whole ? rest->env.n : whole->n;
	for (size_t i = 0; i < whole->n; i++)
		left += outcomes[i].remaining;
	if (!left || left == tried)
		return false;
	remaining_release(rest);
	rest->env = *whole;
	rest->env.rcpts = xcalloc(left, sizeof(*rest->env.rcpts));
	rest->env.n = rest->env.cap = left;
	rest->whole = xcalloc(left, sizeof(*rest->whole));
	for (size_t i = 0, at = 0; i < whole->n; i++) {
		if (!outcomes[i].remaining)
			continue;
		outcome_release(&outcomes[i]);
		rest->env.rcpts[at] = whole->rcpts[i];
		rest->whole[at++] = i;
	}
	return true;
}

void remaining_release(struct remaining *rest)
{
	free(rest->env.rcpts);
	free(rest->whole);
	*rest = REMAINING_INIT;
}
