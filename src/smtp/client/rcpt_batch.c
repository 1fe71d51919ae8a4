/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/client/rcpt_batch.h"

#include "base/xalloc.h"

#include <assert.h>

static struct span domain_of(const struct envelope *env, size_t i)
{
	const struct mail_address *a = &env->rcpts[i].address;
	const char *text = a->ascii ? a->ascii : a->given;
	const char *at = strrchr(text, '@');
	return at ? span_of(at + 1) : (struct span){text, 0};
}

static bool same_domain(const struct envelope *env, size_t a, size_t b)
{
	return span_equal_nocase(domain_of(env, a), domain_of(env, b));
}

/* Domain by domain; within a domain in the original order. */
static int by_domain(const void *a, const void *b, void *env)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	struct span p = domain_of(env, x), q = domain_of(env, y);
	size_t n = p.len < q.len ? p.len : q.len;
	int order = n ? strncasecmp(p.ptr, q.ptr, n) : 0;
	if (!order && p.len != q.len)
		order = p.len < q.len ? -1 : 1;
	return order ? order : x < y ? -1 : x > y;
}

void rcpt_batch_begin(struct rcpt_batch *b, const struct envelope *env, uint64_t rcpt_max, uint64_t domain_max,
		      bool (*wanted)(void *arg, size_t i), void *arg)
{
	rcpt_batch_release(b);
	b->env = env;
	b->rcpt_max = rcpt_max;
	b->domain_max = domain_max;
	b->cap = env->n;
	b->order = env->n ? xcalloc(env->n, sizeof(*b->order)) : NULL;
	for (size_t i = 0; i < env->n; i++)
		if (wanted(arg, i))
			b->order[b->n++] = i;
	if (domain_max)
		qsort_r(b->order, b->n, sizeof(*b->order), by_domain, (void *)(uintptr_t)env);
}

void rcpt_batch_release(struct rcpt_batch *b)
{
	free(b->order);
	*b = RCPT_BATCH_INIT;
}

bool rcpt_batch_fits(const struct rcpt_batch *b)
{
	size_t domains = 0;
	if (b->rcpt_max && b->n > b->rcpt_max)
		return false;
	for (size_t i = 0; b->domain_max && i < b->n; i++)
		domains += !i || !same_domain(b->env, b->order[i - 1], b->order[i]);
	return domains <= b->domain_max;
}

bool rcpt_batch_take(struct rcpt_batch *b, size_t *position)
{
	if (b->full || b->next == b->n || (b->rcpt_max && b->named >= b->rcpt_max))
		return false;
	bool other = !b->named || !same_domain(b->env, b->order[b->next - 1], b->order[b->next]);
	if (b->domain_max && other && b->domains == b->domain_max)
		return false;
	b->domains += other;
	b->named++;
	*position = b->next++;
	return true;
}

void rcpt_batch_return(struct rcpt_batch *b, size_t position)
{
	assert(position + 1 == b->next);
	b->next = position;
}

void rcpt_batch_postpone(struct rcpt_batch *b, size_t position, size_t accepted)
{
	assert(position < b->next && accepted);
	GROW(b->order, b->n, b->cap);
	b->order[b->n++] = b->order[position];
	b->order[position] = RCPT_BATCH_MOVED;
	b->full = true;
	if (!b->rcpt_max || accepted < b->rcpt_max)
		b->rcpt_max = accepted;
}

bool rcpt_batch_waiting(const struct rcpt_batch *b)
{
	return b->next < b->n;
}

void rcpt_batch_next(struct rcpt_batch *b)
{
	b->first = b->next;
	b->named = b->domains = 0;
	b->full = false;
}

size_t rcpt_batch_recipient(const struct rcpt_batch *b, size_t position)
{
	return b->order[position];
}
