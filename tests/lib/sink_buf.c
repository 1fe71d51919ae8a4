/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *mem_grow(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p) {
		fputs("sink: out of memory\n", stderr);
		_Exit(71);
	}
	return p;
}

void *mem_alloc(size_t size)
{
	void *p = mem_grow(NULL, size);

	memset(p, 0, size);
	return p;
}

char *mem_dup(const char *text, size_t len)
{
	char *p = mem_grow(NULL, len + 1);

	if (len)
		memcpy(p, text, len);
	p[len] = '\0';
	return p;
}

void buf_reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;

	if (need <= b->cap)
		return;
	if (need < b->cap * 2)
		need = b->cap * 2;
	if (need < 64)
		need = 64;
	b->data = mem_grow(b->data, need);
	b->cap = need;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	buf_reserve(b, len);
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n > 0) {
		buf_reserve(b, (size_t)n);
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_release(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof *b);
}

const char *buf_str(const struct buf *b)
{
	return b->data ? b->data : "";
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct buf *b, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (; len >= 3; len -= 3, p += 3) {
		char quad[4] = {
			alphabet[p[0] >> 2],
			alphabet[(p[0] & 3) << 4 | p[1] >> 4],
			alphabet[(p[1] & 15) << 2 | p[2] >> 6],
			alphabet[p[2] & 63],
		};
		buf_add(b, quad, 4);
	}
	if (len) {
		unsigned second = len == 2 ? p[1] : 0;
		char quad[4] = {
			alphabet[p[0] >> 2],
			alphabet[(p[0] & 3u) << 4 | second >> 4],
			len == 2 ? alphabet[(second & 15) << 2] : '=',
			'=',
		};
		buf_add(b, quad, 4);
	}
}

static int base64_value(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

bool base64_decode(struct buf *b, const char *text, size_t len)
{
	if (len % 4)
		return false;
	for (size_t i = 0; i < len; i += 4) {
		bool last = i + 4 == len;
		int pad = last && text[i + 3] == '=' ? (text[i + 2] == '=' ? 2 : 1) : 0;
		int v[4] = {0, 0, 0, 0};
		unsigned char out[3];

		for (int k = 0; k < 4 - pad; k++)
			if ((v[k] = base64_value(text[i + (size_t)k])) < 0)
				return false;
		if ((pad == 2 && (v[1] & 15)) || (pad == 1 && (v[2] & 3)))
			return false;
		out[0] = (unsigned char)(v[0] << 2 | v[1] >> 4);
		out[1] = (unsigned char)((v[1] & 15) << 4 | v[2] >> 2);
		out[2] = (unsigned char)((v[2] & 3) << 6 | v[3]);
		buf_add(b, out, (size_t)(3 - pad));
	}
	return true;
}
