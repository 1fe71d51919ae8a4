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

static int compare_domains(struct span p, struct span q)
{
	size_t n = p.len < q.len ? p.len : q.len;
	int order = n ? strncasecmp(p.ptr, q.ptr, n) : 0;
	return order || p.len == q.len ? order : p.len < q.len ? -1 : 1;
}

/* Domain by domain; within a domain in the original order. */
static int by_domain(const void *a, const void *b, void *env)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;
	int order = compare_domains(domain_of(env, x), domain_of(env, y));
	return order ? order : x < y ? -1 : x > y;
}

void rcpt_batch_begin(struct rcpt_batch *b, const struct envelope *env, const struct rcpt_limits *limits,
		      struct strvec *domains, bool (*wanted)(void *arg, size_t i), void *arg)
{
	rcpt_batch_release(b);
	b->env = env;
	b->limits = *limits;
	b->domains = domains;
	b->cap = env->n;
	b->order = env->n ? xcalloc(env->n, sizeof(*b->order)) : NULL;
	for (size_t i = 0; i < env->n; i++)
		if (wanted(arg, i))
			b->order[b->n++] = i;
	if (limits->domain_max)
		qsort_r(b->order, b->n, sizeof(*b->order), by_domain, (void *)(uintptr_t)env);
}

void rcpt_batch_release(struct rcpt_batch *b)
{
	free(b->order);
	*b = RCPT_BATCH_INIT;
}

/* ---- the domains of the session ---- */

/* Whether the domain was named, and the place where it is or would be. */
static bool was_named(const struct strvec *domains, struct span domain, size_t *place)
{
	size_t low = 0, high = domains->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_domains(span_of(domains->v[middle]), domain);
		if (!order) {
			*place = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return false;
}

/* False: the domain is new, and the server accepts no more. */
static bool domain_allowed(const struct rcpt_batch *b, size_t recipient)
{
	size_t place;
	return !b->limits.domain_max || b->domains->n < b->limits.domain_max ||
	       was_named(b->domains, domain_of(b->env, recipient), &place);
}

/* Domains come in their order, so nothing is moved except after an earlier message. */
static void name_domain(struct rcpt_batch *b, size_t recipient)
{
	size_t place;
	struct span domain = domain_of(b->env, recipient);
	if (!b->limits.domain_max || was_named(b->domains, domain, &place))
		return;
	strvec_push_span(b->domains, domain);
	char **v = b->domains->v, *last = v[b->domains->n - 1];
	memmove(&v[place + 1], &v[place], (b->domains->n - 1 - place) * sizeof(*v));
	v[place] = last;
}

bool rcpt_batch_fits(const struct rcpt_batch *b, bool begun)
{
	size_t domains = begun ? b->domains->n : 0, place;
	if (b->limits.rcpt_max && b->n > b->limits.rcpt_max)
		return false;
	for (size_t i = 0; b->limits.domain_max && i < b->n; i++)
		domains += (!i || !same_domain(b->env, b->order[i - 1], b->order[i])) &&
			   !(begun && was_named(b->domains, domain_of(b->env, b->order[i]), &place));
	return !b->limits.domain_max || domains <= b->limits.domain_max;
}

bool rcpt_batch_needs_session(const struct rcpt_batch *b)
{
	return rcpt_batch_waiting(b) && !domain_allowed(b, b->order[b->next]);
}

/* ---- one transaction ---- */

bool rcpt_batch_take(struct rcpt_batch *b, size_t *position)
{
	if (b->full || b->next == b->n || (b->limits.rcpt_max && b->named >= b->limits.rcpt_max) ||
	    !domain_allowed(b, b->order[b->next]))
		return false;
	name_domain(b, b->order[b->next]);
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
	if (!b->limits.rcpt_max || accepted < b->limits.rcpt_max)
		b->limits.rcpt_max = accepted;
}

bool rcpt_batch_waiting(const struct rcpt_batch *b)
{
	return b->next < b->n;
}

void rcpt_batch_next(struct rcpt_batch *b)
{
	b->first = b->next;
	b->named = 0;
	b->full = false;
}

size_t rcpt_batch_recipient(const struct rcpt_batch *b, size_t position)
{
	return b->order[position];
}
