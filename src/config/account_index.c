/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/account_index.h"

#include "base/checksum.h"
#include "base/xalloc.h"

void account_index_release(struct account_index *index)
{
	free(index->slots);
	*index = (struct account_index){.slots = NULL};
}

/* The slot of that name, or the free one where it belongs. */
static struct account **slot_of(struct account **slots, size_t cap, struct span name)
{
	size_t at = (size_t)checksum_of(name) & (cap - 1);
	while (slots[at] && !span_equals_str(name, slots[at]->name))
		at = (at + 1) & (cap - 1);
	return &slots[at];
}

/* At most half of the slots are in use. */
static void grow(struct account_index *index)
{
	size_t cap = index->cap ? 2 * index->cap : 16;
	struct account **slots = xcalloc(cap, sizeof(struct account *));
	for (size_t i = 0; i < index->cap; i++)
		if (index->slots[i])
			*slot_of(slots, cap, span_of(index->slots[i]->name)) = index->slots[i];
	free(index->slots);
	index->slots = slots;
	index->cap = cap;
}

void account_index_add(struct account_index *index, struct account *a)
{
	if (2 * (index->n + 1) > index->cap)
		grow(index);
	*slot_of(index->slots, index->cap, span_of(a->name)) = a;
	index->n++;
}

struct account *account_index_find(const struct account_index *index, struct span name)
{
	return index->n ? *slot_of(index->slots, index->cap, name) : NULL;
}
