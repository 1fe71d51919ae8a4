/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expands recipients; the contract is in aliases.h. */
#include "base/xalloc.h"
#include "address/aliases.h"

/* The position in an alias. The stack of them is on the heap, so no chain is too deep. */
struct position {
	const struct alias *alias;
	size_t next;
};

void alias_walk_init(struct alias_walk *walk, const struct aliases *a, const struct local_names *local)
{
	*walk = (struct alias_walk){a, local, a && a->n ? xcalloc(a->n, sizeof(*walk->state)) : NULL, NULL};
}

void alias_walk_release(struct alias_walk *walk)
{
	free(walk->state);
	free(walk->ends);
	walk->state = NULL;
	walk->ends = NULL;
}

static uint8_t *state_of(const struct alias_walk *walk, const struct alias *alias)
{
	return &walk->state[alias - walk->aliases->v];
}

void alias_finds_release(struct alias_finds *finds)
{
	for (size_t i = 0; i < finds->n; i++)
		free(finds->v[i].addr);
	free(finds->v);
	*finds = ALIAS_FINDS_INIT;
}

static void add_find(struct alias_finds *out, const char *addr, const struct alias *at, bool loop)
{
	GROW(out->v, out->n, out->cap);
	out->v[out->n++] = (struct alias_found){xstrdup(addr), at, loop};
}

static const struct alias *alias_of(const struct alias_walk *walk, const struct alias_target *to)
{
	return walk->aliases ? aliases_of_target(walk->aliases, to, walk->local) : NULL;
}

/* Returns the alias to follow for an address, or NULL if there is none; then what is known about the address has been
 * added to out. *again: it was followed before. An alias that is unusable is added for each address that leads to it:
 * every recipient that is refused is named. */
static const struct alias *visit(const struct alias_walk *walk, const struct alias_target *to, struct alias_finds *out,
				 bool *again)
{
	const struct alias *alias = alias_of(walk, to);
	if (!alias || alias->unusable) {
		add_find(out, to->addr, alias, false);
		return NULL;
	}
	uint8_t *followed = state_of(walk, alias);
	*again |= *followed;
	if (*followed)
		return NULL;
	*followed = true;
	return alias;
}

/* The next target of the alias that is not /dev/null, or NULL. */
static const struct alias_target *next_target(struct position *p)
{
	while (p->next < p->alias->n) {
		const struct alias_target *to = &p->alias->to[p->next++];
		if (to->addr)
			return to;
	}
	return NULL;
}

static bool is_loop(struct alias_walk *walk, const struct alias *alias)
{
	if (!walk->ends)
		walk->ends = aliases_find_ends(walk->aliases, walk->local);
	return !walk->ends[alias - walk->aliases->v];
}

void alias_walk_expand(struct alias_walk *walk, const char *addr, struct alias_finds *out)
{
	AUTO_FREE struct position *stack = NULL;
	size_t n = 0, cap = 0, before = out->n;
	bool again = false;
	const struct alias_target recipient = {(char *)addr, false};
	const struct alias *follow = visit(walk, &recipient, out, &again);
	while (follow || n) {
		if (follow) {
			GROW(stack, n, cap);
			stack[n++] = (struct position){follow, 0};
		}
		const struct alias_target *to = next_target(&stack[n - 1]);
		follow = to ? visit(walk, to, out, &again) : NULL;
		n -= !to;
	}
	/* What was followed before may have been found then, or be a loop. */
	const struct alias *first = again && out->n == before ? alias_of(walk, &recipient) : NULL;
	if (first && is_loop(walk, first))
		add_find(out, addr, first, true);
}
