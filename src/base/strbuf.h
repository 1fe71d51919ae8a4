/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * strbuf: a growing buffer of bytes.
 *
 * buf is never NULL and always has a NUL after len bytes, so that text can be printed with "%s".  The bytes may
 * contain NUL themselves, so message content must be used with len.  STRBUF_INIT allocates nothing until something is
 * added.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include "base/cleanup.h"
#include "base/span.h"

#include <stdarg.h>

struct strbuf {
	char *buf;
	size_t len;
	size_t cap; /* 0: buf is the shared empty string */
};

extern char strbuf_empty[1];
#define STRBUF_INIT ((struct strbuf){strbuf_empty, 0, 0})

void strbuf_init(struct strbuf *sb);
/* Frees the memory and makes the buffer empty again. */
void strbuf_release(struct strbuf *sb);
/* Overwrites the content, then frees it. */
void strbuf_wipe(struct strbuf *sb);
/* Empties the buffer but keeps the memory. */
void strbuf_reset(struct strbuf *sb);
/* Reserves room for extra more bytes. */
void strbuf_grow(struct strbuf *sb, size_t extra);
void strbuf_setlen(struct strbuf *sb, size_t len);
void strbuf_add(struct strbuf *sb, const void *data, size_t len);
void strbuf_adds(struct strbuf *sb, const char *s);
void strbuf_add_span(struct strbuf *sb, struct span sp);
void strbuf_addch(struct strbuf *sb, char c);
/* A text with its NUL, which span_field() reads back; NULL is "". */
void strbuf_add_field(struct strbuf *sb, const char *text);
void strbuf_addf(struct strbuf *sb, const char *fmt, ...) PRINTF_LIKE(2, 3);
void strbuf_vaddf(struct strbuf *sb, const char *fmt, va_list ap);
/* Removes len bytes at pos. */
void strbuf_remove(struct strbuf *sb, size_t pos, size_t len);
/* Returns the memory, which the caller must free(); the buffer is empty afterwards.  len may be NULL. */
char *strbuf_detach(struct strbuf *sb, size_t *len);

static inline struct span strbuf_span(const struct strbuf *sb)
{
	return (struct span){sb->buf, sb->len};
}

#endif
