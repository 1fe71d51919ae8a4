/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * xalloc: memory allocation that does not fail.
 *
 * If memory runs out, xalloc_die() ends the program with EX_OSERR.  That loses nothing: whatever was accepted until
 * then is still with the caller of this program or safely in the queue.  Sizes are checked for overflow.
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
/* Returns NULL for NULL. */
char *xstrdup_null(const char *s);
/* Frees *text and replaces it by a copy of with, or by NULL. */
void xreplace(char **text, const char *with);
/* A copy of len bytes with a NUL after them. */
char *xmemdup0(const void *p, size_t len);
/* A copy of len bytes. */
void *xmemdup(const void *p, size_t len);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void xalloc_die(void);

/* Grows *p (n elements used, *cap allocated) so that one more fits. */
#define GROW(p, n, cap)                                                \
	do {                                                           \
		if ((n) >= (cap)) {                                    \
			(cap) = (cap) ? (cap)*2 : 8;                   \
			(p) = xreallocarray((p), (cap), sizeof(*(p))); \
		}                                                      \
	} while (0)

#endif
