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

/* Returns the alias to follow for an address, or NULL if there is none; then the address has been added to out. */
static const struct alias *visit(const struct alias_walk *walk, const char *addr, bool literal, struct strvec *out)
{
	AUTO(strbuf) user = STRBUF_INIT;
	const struct alias *alias = NULL;
	if (!literal && walk->aliases && local_names_has(walk->local, span_of(addr))) {
		local_names_user(span_of(addr), &user);
		alias = aliases_find(walk->aliases, strbuf_span(&user));
	}
	if (!alias || *state_of(walk, alias) == ALIAS_OPEN) {
		strvec_push(out, addr);
		return NULL;
	}
	return *state_of(walk, alias) == ALIAS_DONE ? NULL : alias;
}

void alias_walk_expand(struct alias_walk *walk, const char *addr, struct strvec *out)
{
	AUTO_FREE struct position *stack = NULL;
	size_t n = 0, cap = 0;
	const struct alias *follow = visit(walk, addr, false, out);
	while (follow || n) {
		if (follow) {
			*state_of(walk, follow) = ALIAS_OPEN;
			GROW(stack, n, cap);
			stack[n++] = (struct position){follow, 0};
		}
		struct position *top = &stack[n - 1];
		follow = NULL;
		if (top->next < top->alias->n) {
			const struct alias_target *to = &top->alias->to[top->next++];
			follow = visit(walk, to->addr, to->literal, out);
		} else {
			*state_of(walk, top->alias) = ALIAS_DONE;
			n--;
		}
	}
}
