/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_words: shows the text in an encoded-word (RFC 2047 section 4); shares no code with the encoder. */
#ifndef FUZZ_FUZZ_WORDS_H
#define FUZZ_FUZZ_WORDS_H

#include "fuzz.h"

static int words_sixbits(char c)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *hit = c ? strchr(alphabet, c) : NULL;
	return hit ? (int)(hit - alphabet) : -1;
}

static void words_show_b(struct strbuf *d, struct span text)
{
	unsigned acc = 0;
	int bits = 0;
	for (size_t i = 0; i < text.len; i++) {
		int v = words_sixbits(text.ptr[i]);
		if (v < 0)
			continue;
		acc = (acc << 6 | (unsigned)v) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			strbuf_addch(d, (char)(acc >> bits & 0xff));
		}
	}
}

static void words_show_q(struct strbuf *d, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '=' && i + 2 < text.len && fuzz_hex(text.ptr[i + 1]) >= 0 && fuzz_hex(text.ptr[i + 2]) >= 0) {
			c = (char)(fuzz_hex(text.ptr[i + 1]) * 16 + fuzz_hex(text.ptr[i + 2]));
			i += 2;
		} else if (c == '_') {
			c = ' ';
		}
		strbuf_addch(d, c);
	}
}

#endif
