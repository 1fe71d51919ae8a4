/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory that is always there.
 *
 * Running out of memory ends the program in one place, xalloc_die(), with
 * sysexits' EX_OSERR: nothing was accepted by us yet that is not also still
 * with our caller, or safely in the queue.  Sizes are checked for overflow.
 */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
/* NULL for NULL. */
char *xstrdup_null(const char *s);
/* Frees *text and puts a copy of with, or NULL, in its place. */
void xreplace(char **text, const char *with);
/* A NUL-terminated copy of len octets. */
char *xmemdup0(const void *p, size_t len);
/* A plain copy of len octets. */
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
