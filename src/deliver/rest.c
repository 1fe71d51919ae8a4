/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deliver/rest.h"

#include "base/xalloc.h"

bool rest_collect(struct rest *rest, const struct envelope *whole, struct outcome *outcomes)
{
	size_t left = 0, tried = rest->whole ? rest->env.n : whole->n;
	for (size_t i = 0; i < whole->n; i++)
		left += outcomes[i].left_over;
	if (!left || left == tried)
		return false;
	rest_release(rest);
	rest->env = *whole;
	rest->env.rcpts = xcalloc(left, sizeof(*rest->env.rcpts));
	rest->env.n = rest->env.cap = left;
	rest->whole = xcalloc(left, sizeof(*rest->whole));
	for (size_t i = 0, at = 0; i < whole->n; i++) {
		if (!outcomes[i].left_over)
			continue;
		outcome_release(&outcomes[i]);
		rest->env.rcpts[at] = whole->rcpts[i];
		rest->whole[at++] = i;
	}
	return true;
}

void rest_release(struct rest *rest)
{
	free(rest->env.rcpts);
	free(rest->whole);
	*rest = REST_INIT;
}
