/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "codec/byte_scan.h"

#include <endian.h>
#include <stdint.h>

#define ONES UINT64_C(0x0101010101010101)
#define LOWS UINT64_C(0x7f7f7f7f7f7f7f7f)
#define HIGHS UINT64_C(0x8080808080808080)
#define WORD sizeof(uint64_t)

/* The next eight bytes. The first one is the lowest on every machine. */
static inline uint64_t load(const char *p)
{
	uint64_t word;
	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* The last bytes of a block, fewer than eight, padded with bytes that are never searched for. */
static inline uint64_t load_tail(const char *p, size_t len)
{
	char last[WORD];
	memset(last, 'x', sizeof(last));
	memcpy(last, p, len);
	return load(last);
}

/* 0x80 in each byte that is c, 0 in the others. This is exact: the addition cannot carry from one byte into the next,
 * so no neighbour is reported by mistake. */
static inline uint64_t equal(uint64_t word, char c)
{
	uint64_t x = word ^ (ONES * (unsigned char)c);
	return ~(((x & LOWS) + LOWS) | x | LOWS);
}

/* Sixteen bytes at once, in the registers that the machine has for it. */
typedef unsigned char lanes __attribute__((vector_size(16)));

static lanes lanes_of(char c)
{
	lanes v;
	memset(&v, c, sizeof(v));
	return v;
}

static size_t lanes_sum(lanes v)
{
	size_t sum = 0;
	for (size_t i = 0; i < sizeof(v); i++)
		sum += v[i];
	return sum;
}

static void scan_tail(struct byte_scan *seen, struct span sp)
{
	for (size_t i = 0; i < sp.len; i++) {
		seen->high |= (unsigned char)sp.ptr[i] > 0x7f;
		seen->nul |= sp.ptr[i] == '\0';
		seen->crs += sp.ptr[i] == '\r';
	}
}

struct byte_scan byte_scan(struct span sp)
{
	const lanes cr = lanes_of('\r'), zero = lanes_of('\0');
	lanes any = zero, nul = zero;
	struct byte_scan seen = {.crs = 0};
	size_t i = 0;

	while (sp.len - i >= sizeof(lanes)) {
		/* A lane can count to 255. */
		size_t blocks = (sp.len - i) / sizeof(lanes);
		lanes found = zero;
		for (size_t n = blocks < 255 ? blocks : 255; n; n--, i += sizeof(lanes)) {
			lanes v;
			memcpy(&v, sp.ptr + i, sizeof(v));
			any |= v;
			nul |= (lanes)(v == zero);
			found -= (lanes)(v == cr); /* true is -1 */
		}
		seen.crs += lanes_sum(found);
	}
	seen.high = lanes_sum(any >> 7) != 0;
	seen.nul = lanes_sum(nul >> 7) != 0;
	scan_tail(&seen, span_sub(sp, i, sp.len));
	return seen;
}

bool byte_scan_canonical(struct span sp)
{
	uint64_t before = 0; /* 0x80 if the byte before this word is a CR */

	for (size_t i = 0; i < sp.len; i += WORD) {
		uint64_t word = sp.len - i >= WORD ? load(sp.ptr + i) : load_tail(sp.ptr + i, sp.len - i);
		uint64_t cr = equal(word, '\r');
		if (equal(word, '\n') != (cr << 8 | before))
			return false;
		before = cr >> 56;
	}
	/* If the last word is full, a CR in its last byte has no LF after it. */
	return before == 0;
}

size_t byte_scan_find_line_dot(struct span sp, bool at_start)
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
