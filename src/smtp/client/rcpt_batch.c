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

/* Domain by domain, within a domain as they came. */
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

void rcpt_batch_begin(struct rcpt_batch *s, const struct envelope *env, uint64_t rcpt_max, uint64_t domain_max,
		      bool (*wanted)(void *arg, size_t i), void *arg)
{
	rcpt_batch_release(s);
	s->env = env;
	s->rcpt_max = rcpt_max;
	s->domain_max = domain_max;
	s->cap = env->n;
	s->order = env->n ? xcalloc(env->n, sizeof(*s->order)) : NULL;
	for (size_t i = 0; i < env->n; i++)
		if (wanted(arg, i))
			s->order[s->n++] = i;
	if (domain_max)
		qsort_r(s->order, s->n, sizeof(*s->order), by_domain, (void *)(uintptr_t)env);
}

void rcpt_batch_release(struct rcpt_batch *s)
{
	free(s->order);
	*s = RCPT_BATCH_INIT;
}

bool rcpt_batch_fits(const struct rcpt_batch *s)
{
	size_t domains = 0;
	if (s->rcpt_max && s->n > s->rcpt_max)
		return false;
	for (size_t i = 0; s->domain_max && i < s->n; i++)
		domains += !i || !same_domain(s->env, s->order[i - 1], s->order[i]);
	return domains <= s->domain_max;
}

bool rcpt_batch_take(struct rcpt_batch *s, size_t *position)
{
	if (s->full || s->next == s->n || (s->rcpt_max && s->named >= s->rcpt_max))
		return false;
	bool other = !s->named || !same_domain(s->env, s->order[s->next - 1], s->order[s->next]);
	if (s->domain_max && other && s->domains == s->domain_max)
		return false;
	s->domains += other;
	s->named++;
	*position = s->next++;
	return true;
}

void rcpt_batch_untake(struct rcpt_batch *s, size_t position)
{
	assert(position + 1 == s->next);
	s->next = position;
}

void rcpt_batch_put_back(struct rcpt_batch *s, size_t position, size_t accepted)
{
	assert(position < s->next && accepted);
	GROW(s->order, s->n, s->cap);
	s->order[s->n++] = s->order[position];
	s->order[position] = RCPT_BATCH_MOVED;
	s->full = true;
	if (!s->rcpt_max || accepted < s->rcpt_max)
		s->rcpt_max = accepted;
}

bool rcpt_batch_waiting(const struct rcpt_batch *s)
{
	return s->next < s->n;
}

void rcpt_batch_turn(struct rcpt_batch *s)
{
	s->first = s->next;
	s->named = s->domains = 0;
	s->full = false;
}

size_t rcpt_batch_recipient(const struct rcpt_batch *s, size_t position)
{
	return s->order[position];
}
