/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/strbuf.h"

#include "base/xalloc.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>

char strbuf_empty[1] = "";

void strbuf_init(struct strbuf *sb)
{
	*sb = STRBUF_INIT;
}

void strbuf_release(struct strbuf *sb)
{
	if (sb->cap)
		free(sb->buf);
	strbuf_init(sb);
}

void strbuf_wipe(struct strbuf *sb)
{
	if (sb->cap)
		explicit_bzero(sb->buf, sb->cap);
	strbuf_release(sb);
}

void strbuf_reset(struct strbuf *sb)
{
	sb->len = 0;
	if (sb->cap)
		sb->buf[0] = '\0';
}

void strbuf_grow(struct strbuf *sb, size_t extra)
{
	if (extra >= SIZE_MAX / 4 - sb->len)
		xalloc_die();
	size_t need = sb->len + extra + 1;
	if (need <= sb->cap)
		return;
	size_t cap = sb->cap ? sb->cap * 2 : 64;
	if (cap < need)
		cap = need;
	sb->buf = xreallocarray(sb->cap ? sb->buf : NULL, cap, 1);
	sb->cap = cap;
	sb->buf[sb->len] = '\0';
}

void strbuf_setlen(struct strbuf *sb, size_t len)
{
	assert(len == 0 || len < sb->cap);
	sb->len = len;
	if (sb->cap)
		sb->buf[len] = '\0';
}

void strbuf_add(struct strbuf *sb, const void *data, size_t len)
{
	if (!len)
		return;
	strbuf_grow(sb, len);
	memcpy(sb->buf + sb->len, data, len);
	strbuf_setlen(sb, sb->len + len);
}

void strbuf_adds(struct strbuf *sb, const char *s)
{
	strbuf_add(sb, s, strlen(s));
}

void strbuf_add_span(struct strbuf *sb, struct span sp)
{
	strbuf_add(sb, sp.ptr, sp.len);
}

void strbuf_addch(struct strbuf *sb, char c)
{
	if (sb->len + 1 >= sb->cap)
		strbuf_grow(sb, 1);
	sb->buf[sb->len++] = c;
	sb->buf[sb->len] = '\0';
}

void strbuf_add_field(struct strbuf *sb, const char *text)
{
	strbuf_adds(sb, text ? text : "");
	strbuf_addch(sb, '\0');
}

void strbuf_vaddf(struct strbuf *sb, const char *fmt, va_list ap)
{
	va_list again;
	va_copy(again, ap);
	strbuf_grow(sb, 1);
	size_t room = sb->cap - sb->len;
	int n = vsnprintf(sb->buf + sb->len, room, fmt, ap);
	assert(n >= 0);
	if ((size_t)n >= room) {
		strbuf_grow(sb, (size_t)n);
		(void)vsnprintf(sb->buf + sb->len, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	sb->len += (size_t)n;
}

void strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	strbuf_vaddf(sb, fmt, ap);
	va_end(ap);
}

void strbuf_remove(struct strbuf *sb, size_t pos, size_t len)
{
	assert(pos <= sb->len && len <= sb->len - pos);
	if (!len)
		return;
	memmove(sb->buf + pos, sb->buf + pos + len, sb->len - pos - len);
	strbuf_setlen(sb, sb->len - len);
}

char *strbuf_detach(struct strbuf *sb, size_t *len)
{
	strbuf_grow(sb, 0);
	char *taken = sb->buf;
	if (len)
		*len = sb->len;
	strbuf_init(sb);
	return taken;
}
