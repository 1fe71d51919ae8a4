/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/base64.h"

#include <stdint.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct strbuf *out, struct span in)
{
	strbuf_grow(out, in.len / 3 * 4 + 4);
	const unsigned char *p = (const unsigned char *)in.ptr;
	for (size_t i = 0; i < in.len; i += 3) {
		size_t left = in.len - i;
		uint32_t v = (uint32_t)p[i] << 16;
		if (left > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			v |= p[i + 2];
		char quad[4] = {alphabet[v >> 18], alphabet[v >> 12 & 63], left > 1 ? alphabet[v >> 6 & 63] : '=',
				left > 2 ? alphabet[v & 63] : '='};
		strbuf_add(out, quad, 4);
	}
}

static int value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool base64_decode(struct strbuf *out, struct span in)
{
	size_t start = out->len;
	if (in.len % 4)
		return false;
	for (size_t i = 0; i < in.len; i += 4) {
		size_t pad = 0;
		if (i + 4 == in.len)
			pad = in.ptr[i + 3] != '=' ? 0 : in.ptr[i + 2] != '=' ? 1 : 2;
		uint32_t v = 0;
		for (size_t j = 0; j < 4; j++) {
			int d = j >= 4 - pad ? 0 : value_of(in.ptr[i + j]);
			if (d < 0)
				goto bad;
			v = v << 6 | (uint32_t)d;
		}
		if ((pad == 1 && (v & 0xff)) || (pad == 2 && (v & 0xffff)))
			goto bad;
		char three[3] = {(char)(v >> 16), (char)(v >> 8), (char)v};
		strbuf_add(out, three, 3 - pad);
	}
	return true;
bad:
	strbuf_setlen(out, start);
	return false;
}
