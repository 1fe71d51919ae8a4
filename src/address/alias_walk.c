/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expands recipients; the contract is in aliases.h. */
#include "base/xalloc.h"
#include "address/aliases.h"

enum { ALIAS_NEW, ALIAS_OPEN, ALIAS_DONE };

/* The position in an alias. The stack of them is on the heap, so no chain is too deep. */
struct position {
	const struct alias *alias;
	size_t next;
};

void alias_walk_init(struct alias_walk *walk, const struct aliases *a, const struct local_names *local)
{
	*walk = (struct alias_walk){a, local, a && a->n ? xcalloc(a->n, sizeof(*walk->state)) : NULL};
}

void alias_walk_release(struct alias_walk *walk)
{
	free(walk->state);
	walk->state = NULL;
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

/* Returns the alias to follow for an address, or NULL if there is none; then the address has been added to out. *loop:
 * it is being followed. */
static const struct alias *visit(const struct alias_walk *walk, const struct alias_target *to, struct alias_finds *out,
				 bool *loop)
{
	AUTO(strbuf) user = STRBUF_INIT;
	const struct alias *alias = NULL;
	if (!to->literal && walk->aliases && local_names_has(walk->local, span_of(to->addr))) {
		local_names_user(span_of(to->addr), &user);
		alias = aliases_find(walk->aliases, strbuf_span(&user));
	}
	if (!alias) {
		add_find(out, to->addr, NULL, false);
		return NULL;
	}
	uint8_t *state = state_of(walk, alias);
	*loop |= *state == ALIAS_OPEN;
	if (*state != ALIAS_NEW)
		return NULL;
	if (!alias->unusable)
		return alias;
	*state = ALIAS_DONE;
	add_find(out, to->addr, alias, false);
	return NULL;
}

/* The next target of the alias, or NULL.  *dropped: it had /dev/null. */
static const struct alias_target *next_target(struct position *p, bool *dropped)
{
	while (p->next < p->alias->n) {
		const struct alias_target *to = &p->alias->to[p->next++];
		if (to->addr)
			return to;
		*dropped = true;
	}
	return NULL;
}

void alias_walk_expand(struct alias_walk *walk, const char *addr, struct alias_finds *out)
{
	AUTO_FREE struct position *stack = NULL;
	size_t n = 0, cap = 0, before = out->n;
	bool loop = false, dropped = false;
	const struct alias_target recipient = {(char *)addr, false};
	const struct alias *first = visit(walk, &recipient, out, &loop), *follow = first;
	while (follow || n) {
		if (follow) {
			*state_of(walk, follow) = ALIAS_OPEN;
			GROW(stack, n, cap);
			stack[n++] = (struct position){follow, 0};
		}
		struct position *top = &stack[n - 1];
		const struct alias_target *to = next_target(top, &dropped);
		follow = to ? visit(walk, to, out, &loop) : NULL;
		if (!to) {
			*state_of(walk, top->alias) = ALIAS_DONE;
			n--;
		}
	}
	if (loop && out->n == before && !dropped)
		add_find(out, addr, first, true);
}
