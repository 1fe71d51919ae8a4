/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_BUF_H
#define SINK_BUF_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A growing octet string of the test smarthost.  Zero-initialised is empty
 * and valid.  data is NULL while nothing was ever added, else there is always
 * a NUL after data[len - 1], which is not counted.  Running out of memory
 * ends the process.
 */
struct buf {
	char *data;
	size_t len;
	size_t cap;
};

/* Make sure that `more` octets and a NUL can be added without growing. */
void buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *text);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Forget the contents, keep the memory. */
void buf_clear(struct buf *b);
void buf_release(struct buf *b);
/* The contents as a string, "" when empty; valid until the next change. */
const char *buf_str(const struct buf *b);

/* malloc, realloc and strndup that end the process instead of failing. */
void *mem_alloc(size_t size);
void *mem_grow(void *old, size_t size);
char *mem_dup(const char *text, size_t len);

/* RFC 4648 base64 of data, added to b. */
void base64_encode(struct buf *b, const void *data, size_t len);
/*
 * Adds the decoded octets to b.  Strict: no blanks, full padding, no stray
 * bits.  Returns false when the text is not canonical base64; b may then hold
 * a part.
 */
bool base64_decode(struct buf *b, const char *text, size_t len);

#endif
