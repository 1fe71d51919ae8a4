/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"

#include "base/xalloc.h"

#include <assert.h>
#include <stddef.h>
#include <sys/mman.h>

/*
 * Secrets have memory pages of their own, so that MADV_DONTDUMP and MAP_LOCKED affect nothing else.  Both may be
 * refused (container limits); overwriting the secret is what protects it in any case.  Copies share their pages, so
 * that a password is in memory only once and needs the system calls only once; a write first makes pages of its own.
 */
struct secret_pages {
	size_t size;
	unsigned holders;
	char octets[];
};

static struct secret_pages *pages_of(const struct secret *s)
{
	return (struct secret_pages *)(void *)(s->octets - offsetof(struct secret_pages, octets));
}

static char *pages_new(size_t size)
{
	const int usual = MAP_PRIVATE | MAP_ANONYMOUS;
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, usual | MAP_LOCKED, -1, 0);
	if (p == MAP_FAILED)
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, usual, -1, 0);
	if (p == MAP_FAILED)
		xalloc_die();
	(void)madvise(p, size, MADV_DONTDUMP);
	struct secret_pages *pages = p;
	pages->size = size;
	pages->holders = 1;
	return pages->octets;
}

static size_t round_up(size_t n)
{
	size_t page = 4096;
	return (n + page - 1) / page * page;
}

void secret_release(struct secret *s)
{
	struct secret_pages *pages = s->octets ? pages_of(s) : NULL;
	if (pages && !--pages->holders) {
		explicit_bzero(s->octets, s->room);
		(void)munmap(pages, pages->size);
	}
	*s = SECRET_INIT;
}

void secret_set(struct secret *s, const void *octets, size_t len)
{
	struct secret fresh = SECRET_INIT;
	secret_append(&fresh, octets, len);
	secret_release(s);
	*s = fresh;
}

/* Makes the pages unshared, with room for more bytes and a NUL. */
static void make_room(struct secret *s, size_t more)
{
	if (s->octets && s->room - s->len > more && pages_of(s)->holders == 1)
		return;
	size_t size = round_up(offsetof(struct secret_pages, octets) + s->len + more + 1);
	struct secret fresh = {pages_new(size), s->len, size - offsetof(struct secret_pages, octets)};
	if (s->len)
		memcpy(fresh.octets, s->octets, s->len);
	secret_release(s);
	*s = fresh;
}

void secret_append(struct secret *s, const void *octets, size_t len)
{
	make_room(s, len);
	if (len)
		memcpy(s->octets + s->len, octets, len);
	s->len += len;
	assert(s->len < s->room);
	s->octets[s->len] = '\0';
}

void secret_append_field(struct secret *s, const char *text)
{
	secret_append(s, text ? text : "", text ? strlen(text) + 1 : 1);
}

void secret_copy(struct secret *to, const struct secret *from)
{
	struct secret shared = *from;
	if (from->octets)
		pages_of(from)->holders++;
	secret_release(to);
	*to = shared;
}

bool secret_is_set(const struct secret *s)
{
	return s->octets != NULL;
}

void secret_chomp(struct secret *s)
{
	if (!s->len || s->octets[s->len - 1] != '\n')
		return;
	make_room(s, 0);
	s->octets[--s->len] = '\0';
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
