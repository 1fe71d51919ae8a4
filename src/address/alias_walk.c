/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a recipient to what the aliases make of it; the contract is in aliases.h. */
#include "base/xalloc.h"
#include "address/aliases.h"

enum { ALIAS_NEW, ALIAS_UNDER_WAY, ALIAS_DONE };

/* Where we are within an alias; the stack is ours, so no chain is too deep. */
struct place {
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

/* The alias to follow for an address, or NULL after it was dealt with. */
static const struct alias *step(const struct alias_walk *walk, const char *addr, bool literal, struct strvec *out)
{
	AUTO(strbuf) user = STRBUF_INIT;
	const struct alias *alias = NULL;
	if (!literal && walk->aliases && local_names_has(walk->local, span_of(addr))) {
		local_names_user(span_of(addr), &user);
		alias = aliases_find(walk->aliases, strbuf_span(&user));
	}
	if (!alias || *state_of(walk, alias) == ALIAS_UNDER_WAY) {
		strvec_push(out, addr);
		return NULL;
	}
	return *state_of(walk, alias) == ALIAS_DONE ? NULL : alias;
}

void alias_walk_expand(struct alias_walk *walk, const char *addr, struct strvec *out)
{
	AUTO_FREE struct place *stack = NULL;
	size_t n = 0, cap = 0;
	const struct alias *follow = step(walk, addr, false, out);
	while (follow || n) {
		if (follow) {
			*state_of(walk, follow) = ALIAS_UNDER_WAY;
			GROW(stack, n, cap);
			stack[n++] = (struct place){follow, 0};
		}
		struct place *top = &stack[n - 1];
		follow = NULL;
		if (top->next < top->alias->n) {
			const struct alias_target *to = &top->alias->to[top->next++];
			follow = step(walk, to->addr, to->literal, out);
		} else {
			*state_of(walk, top->alias) = ALIAS_DONE;
			n--;
		}
	}
}
