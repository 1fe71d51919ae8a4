/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "codec/byte_scan.h"

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

/* Sixteen octets at once, in whatever registers the machine has for that. */
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

static void survey_tail(struct byte_scan *seen, struct span sp)
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
		/* A lane counts to 255. */
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
	survey_tail(&seen, span_sub(sp, i, sp.len));
	return seen;
}

bool byte_scan_canonical(struct span sp)
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
