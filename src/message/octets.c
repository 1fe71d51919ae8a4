/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/octets.h"

#include <endian.h>
#include <stdint.h>

#define ONES UINT64_C(0x0101010101010101)
#define LOWS UINT64_C(0x7f7f7f7f7f7f7f7f)
#define HIGHS UINT64_C(0x8080808080808080)
#define WORD sizeof(uint64_t)

/* The next eight octets; the first of them is the lowest whatever the machine. */
static inline uint64_t load(const char *p)
{
	uint64_t word;
	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* The last octets of a block, fewer than eight, filled up with octets that nobody asks for. */
static inline uint64_t load_tail(const char *p, size_t len)
{
	char last[WORD];
	memset(last, 'x', sizeof(last));
	memcpy(last, p, len);
	return load(last);
}

/* 0x80 in each octet that is c, 0 in the others.  Exact: the addition cannot
 * carry from one octet into the next, so no neighbour is reported by mistake. */
static inline uint64_t equal(uint64_t word, char c)
{
	uint64_t x = word ^ (ONES * (unsigned char)c);
	return ~(((x & LOWS) + LOWS) | x | LOWS);
}

struct octets_survey octets_survey(struct span sp)
{
	uint64_t any = 0, nul = 0;
	size_t crs = 0;

	for (size_t i = 0; i < sp.len;) {
		/* CRs are counted in eight lanes; 255 words fit before one overflows. */
		uint64_t lanes = 0;
		for (int words = 0; words < 255 && i < sp.len; words++, i += WORD) {
			uint64_t word = sp.len - i >= WORD ? load(sp.ptr + i) : load_tail(sp.ptr + i, sp.len - i);
			any |= word;
			nul |= (word - ONES) & ~word;
			lanes += equal(word, '\r') >> 7;
		}
		for (; lanes; lanes >>= 8)
			crs += lanes & 0xff;
	}
	return (struct octets_survey){.high = (any & HIGHS) != 0, .nul = (nul & HIGHS) != 0, .crs = crs};
}

bool octets_canonical(struct span sp)
{
	uint64_t before = 0; /* before: 0x80 if the octet before this word is a CR */

	for (size_t i = 0; i < sp.len; i += WORD) {
		uint64_t word = sp.len - i >= WORD ? load(sp.ptr + i) : load_tail(sp.ptr + i, sp.len - i);
		uint64_t cr = equal(word, '\r');
		if (equal(word, '\n') != (cr << 8 | before))
			return false;
		before = cr >> 56;
	}
	/* A CR in the last octet of a whole last word waits for its LF in vain. */
	return before == 0;
}

size_t octets_find_line_dot(struct span sp, bool at_start)
{
	uint64_t before = at_start ? 0x80 : 0; /* 0x80 if this word begins a line */

	for (size_t i = 0; i < sp.len; i += WORD) {
		uint64_t word = sp.len - i >= WORD ? load(sp.ptr + i) : load_tail(sp.ptr + i, sp.len - i);
		uint64_t lf = equal(word, '\n');
		uint64_t hit = equal(word, '.') & (lf << 8 | before);
		if (hit)
			return i + (size_t)__builtin_ctzll(hit) / 8;
		before = lf >> 56;
	}
	return sp.len;
}
