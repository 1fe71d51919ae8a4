/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Expands recipients; the contract is in aliases.h. */
#include "base/xalloc.h"
#include "address/aliases.h"

/* ALIAS_LOOP: done, and it led back to itself and to no address. */
enum { ALIAS_NEW, ALIAS_OPEN, ALIAS_DONE, ALIAS_LOOP };

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

/* The alias for an address, or NULL. */
static const struct alias *alias_of(const struct alias_walk *walk, const struct alias_target *to)
{
	AUTO(strbuf) user = STRBUF_INIT;
	if (to->literal || !walk->aliases || !local_names_has(walk->local, span_of(to->addr)))
		return NULL;
	local_names_user(span_of(to->addr), &user);
	return aliases_find(walk->aliases, strbuf_span(&user));
}

/* Returns the alias to follow for an address, or NULL if there is none; then what is known about the address has been
 * added to out. *loop: it is being followed, or was before and led to no address. An alias that is unusable is added
 * for each address that leads to it: every recipient that is refused is named. */
static const struct alias *visit(const struct alias_walk *walk, const struct alias_target *to, struct alias_finds *out,
				 bool *loop)
{
	const struct alias *alias = alias_of(walk, to);
	if (!alias || alias->unusable) {
		add_find(out, to->addr, alias, false);
		return NULL;
	}
	uint8_t state = *state_of(walk, alias);
	*loop |= state == ALIAS_OPEN || state == ALIAS_LOOP;
	return state == ALIAS_NEW ? alias : NULL;
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

/* The aliases that were followed from one recipient on: v[0, n) of them in the order in which that began. */
struct followed {
	struct position *stack;
	const struct alias **v;
	size_t depth, stack_cap, n, cap;
};

static void followed_release(struct followed *f)
{
	free(f->stack);
	free(f->v);
}

static void follow(const struct alias_walk *walk, struct followed *f, const struct alias *alias)
{
	*state_of(walk, alias) = ALIAS_OPEN;
	GROW(f->stack, f->depth, f->stack_cap);
	f->stack[f->depth++] = (struct position){alias, 0};
	GROW(f->v, f->n, f->cap);
	f->v[f->n++] = alias;
}

void alias_walk_expand(struct alias_walk *walk, const char *addr, struct alias_finds *out)
{
	AUTO(followed) f = {.stack = NULL};
	size_t before = out->n;
	bool loop = false, dropped = false;
	const struct alias_target recipient = {(char *)addr, false};
	const struct alias *next = visit(walk, &recipient, out, &loop);
	while (next || f.depth) {
		if (next)
			follow(walk, &f, next);
		struct position *top = &f.stack[f.depth - 1];
		const struct alias_target *to = next_target(top, &dropped);
		next = to ? visit(walk, to, out, &loop) : NULL;
		if (!to) {
			*state_of(walk, top->alias) = ALIAS_DONE;
			f.depth--;
		}
	}
	if (!loop || out->n > before || dropped)
		return;
	for (size_t i = 0; i < f.n; i++)
		*state_of(walk, f.v[i]) = ALIAS_LOOP;
	add_find(out, addr, alias_of(walk, &recipient), true);
}
