/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"

#include "base/xalloc.h"

#include <assert.h>
#include <sys/mman.h>

/*
 * Pages of their own, so that MADV_DONTDUMP and mlock() touch nothing else.
 * Both may be refused (container limits): the wipe is what we rely on.
 */
static char *pages_new(size_t room)
{
	void *p = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		xalloc_die();
	(void)madvise(p, room, MADV_DONTDUMP);
	(void)mlock(p, room);
	return p;
}

static size_t round_up(size_t n)
{
	size_t page = 4096;
	return (n + page) / page * page; /* always one octet left for the NUL */
}

void secret_release(struct secret *s)
{
	if (s->octets) {
		explicit_bzero(s->octets, s->room);
		(void)munmap(s->octets, s->room);
	}
	*s = (struct secret)SECRET_INIT;
}

void secret_set(struct secret *s, const void *octets, size_t len)
{
	struct secret fresh = SECRET_INIT;
	secret_append(&fresh, octets, len);
	secret_release(s);
	*s = fresh;
}

void secret_append(struct secret *s, const void *octets, size_t len)
{
	if (!s->octets || s->room - s->len <= len) {
		size_t room = round_up(s->len + len);
		char *fresh = pages_new(room);
		size_t kept = s->len;
		if (kept)
			memcpy(fresh, s->octets, kept);
		secret_release(s);
		*s = (struct secret){fresh, kept, room};
	}
	if (len)
		memcpy(s->octets + s->len, octets, len);
	s->len += len;
	assert(s->len < s->room);
	s->octets[s->len] = '\0';
}

void secret_copy(struct secret *to, const struct secret *from)
{
	if (!from->octets)
		secret_release(to);
	else
		secret_set(to, from->octets, from->len);
}

bool secret_is_set(const struct secret *s)
{
	return s->octets != NULL;
}

void secret_chomp(struct secret *s)
{
	if (s->len && s->octets[s->len - 1] == '\n')
		s->octets[--s->len] = '\0';
	else
		return;
	if (s->len && s->octets[s->len - 1] == '\r')
		s->octets[--s->len] = '\0';
}

bool secret_has_line_break(const struct secret *s)
{
	for (size_t i = 0; i < s->len; i++)
		if (s->octets[i] == '\r' || s->octets[i] == '\n' || s->octets[i] == '\0')
			return true;
	return false;
}

struct span secret_reveal(const struct secret *s)
{
	return s->octets ? span_make(s->octets, s->len) : span_make("", 0);
}
