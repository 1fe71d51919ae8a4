/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cleanup: local variables that are cleaned up at the end of their scope.
 *
 *	AUTO(strbuf) sb = STRBUF_INIT;	// strbuf_release(&sb) at end of scope
 *	AUTO_FREE char *p = xstrdup(s);	// free(p)
 *	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC);	// close(fd) unless -1
 *
 * AUTO(TYPE) declares a `struct TYPE`, for which TYPE_release() is called when it goes out of scope; AUTO_PTR(TYPE)
 * declares a `struct TYPE *`, for which TYPE_free() is called, which must accept NULL, and needs a line
 * DEFINE_AUTO_PTR(TYPE) in the header of the type.  Ownership leaves a function only through steal_ptr() and
 * steal_fd().
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define AUTO(type) __attribute__((cleanup(type##_release))) struct type
#define AUTO_PTR(type) __attribute__((cleanup(type##_auto_free))) struct type *
#define AUTO_FREE __attribute__((cleanup(cleanup_free)))
#define AUTO_FD __attribute__((cleanup(cleanup_fd)))

#define DEFINE_AUTO_PTR(type)                                                        \
	__attribute__((unused)) static inline void type##_auto_free(struct type **p) \
	{                                                                            \
		type##_free(*p);                                                     \
	}                                                                            \
	struct type

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_fd(const int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* the result is ignored; a caller that needs it closes the descriptor explicitly */
}

static inline int steal_fd(int *fd)
{
	int taken = *fd;
	*fd = -1;
	return taken;
}

/* Returns the pointer and sets the variable to NULL. */
#define steal_ptr(p)                                     \
	__extension__({                                  \
		__typeof__(p) *steal_from = &(p);        \
		__typeof__(p) steal_taken = *steal_from; \
		*steal_from = NULL;                      \
		steal_taken;                             \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

#endif
