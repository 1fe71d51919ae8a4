/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/remaining.h"

#include "base/xalloc.h"

/* Room for so many recipients of full; none is in it yet. */
static void begin(struct remaining *r, const struct envelope *full, size_t room)
{
	remaining_release(r);
	r->env = *full;
	r->env.rcpts = xcalloc(room ? room : 1, sizeof(*r->env.rcpts));
	r->env.n = 0;
	r->env.cap = room;
	r->index = xcalloc(room ? room : 1, sizeof(*r->index));
}

static void add(struct remaining *r, const struct envelope *full, size_t i)
{
	r->index[r->env.n] = i;
	r->env.rcpts[r->env.n++] = full->rcpts[i];
}

bool remaining_collect_open(struct remaining *r, const struct envelope *full)
{
	size_t open = envelope_count_open(full);
	if (open == full->n)
		return false;
	begin(r, full, open);
	for (size_t i = 0; i < full->n; i++)
		if (!full->rcpts[i].refused)
			add(r, full, i);
	return true;
}

bool remaining_collect(struct remaining *r, const struct envelope *full, struct outcome *outcomes)
{
	size_t left = 0, tried = r->index ? r->env.n : full->n;
	for (size_t i = 0; i < full->n; i++)
		left += outcomes[i].remaining;
	if (!left || left == tried)
		return false;
	begin(r, full, left);
	for (size_t i = 0; i < full->n; i++) {
		if (!outcomes[i].remaining)
			continue;
		outcome_release(&outcomes[i]);
		add(r, full, i);
	}
	return true;
}

void remaining_release(struct remaining *r)
{
	free(r->env.rcpts);
	free(r->index);
	*r = REMAINING_INIT;
}
