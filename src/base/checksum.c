/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each word of eight bytes is multiplied, mixed into one of four lanes and spread over it by a rotation
 * and a second multiplication.  All steps are reversible, so a difference in one word always survives.
 * The two multipliers have nothing in common: what the first makes of one changed bit is not what the
 * second leaves of another, so two changed bits do not cancel out.
 */
#include "base/checksum.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WORD_FACTOR UINT64_C(0xd6e8feb86659fd93)
#define LANE_FACTOR UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t lane, uint64_t word)
{
	lane ^= word * WORD_FACTOR;
	return (lane << 29 | lane >> 35) * LANE_FACTOR;
}

static uint64_t word_at(const unsigned char *p)
{
	uint64_t word;
	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* Four lanes side by side, so that no multiplication waits for another. */
static void add_stripes(struct checksum *sum, const unsigned char *p, size_t n)
{
	uint64_t a = sum->lanes[0], b = sum->lanes[1], c = sum->lanes[2], d = sum->lanes[3];
	for (; n; n--, p += CHECKSUM_STRIPE) {
		a = mix(a, word_at(p));
		b = mix(b, word_at(p + 8));
		c = mix(c, word_at(p + 16));
		d = mix(d, word_at(p + 24));
	}
	sum->lanes[0] = a;
	sum->lanes[1] = b;
	sum->lanes[2] = c;
	sum->lanes[3] = d;
}

void checksum_init(struct checksum *sum)
{
	*sum = (struct checksum){.lanes = {1, 2, 3, 4}};
}

void checksum_add(struct checksum *sum, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t have = sum->len % CHECKSUM_STRIPE;
	if (!len)
		return;
	sum->len += len;
	if (have) {
		size_t n = CHECKSUM_STRIPE - have < len ? CHECKSUM_STRIPE - have : len;
		memcpy(sum->rest + have, p, n);
		p += n;
		len -= n;
		if (have + n < CHECKSUM_STRIPE)
			return;
		add_stripes(sum, sum->rest, 1);
	}
	add_stripes(sum, p, len / CHECKSUM_STRIPE);
	memcpy(sum->rest, p + len / CHECKSUM_STRIPE * CHECKSUM_STRIPE, len % CHECKSUM_STRIPE);
}

uint64_t checksum_value(const struct checksum *sum)
{
	struct checksum end = *sum;
	size_t have = sum->len % CHECKSUM_STRIPE;
	memset(end.rest + have, 0, CHECKSUM_STRIPE - have); /* the length below tells these zeros from real ones */
	add_stripes(&end, end.rest, 1);
	uint64_t value = end.len;
	for (size_t i = 0; i < CHECKSUM_LANES; i++)
		value = mix(value, end.lanes[i]);
	return value ^ value >> 32;
}

uint64_t checksum_of(struct span bytes)
{
	struct checksum sum;
	checksum_init(&sum);
	checksum_add(&sum, bytes.ptr, bytes.len);
	return checksum_value(&sum);
}

void checksum_format(uint64_t value, char out[CHECKSUM_DIGITS + 1])
{
	(void)snprintf(out, CHECKSUM_DIGITS + 1, "%016" PRIx64, value);
}

bool checksum_parse(struct span digits, uint64_t *value)
{
	uint64_t n = 0;
	if (digits.len != CHECKSUM_DIGITS)
		return false;
	for (size_t i = 0; i < CHECKSUM_DIGITS; i++) {
		char c = digits.ptr[i];
		if ((c < '0' || c > '9') && (c < 'a' || c > 'f'))
			return false;
		n = n << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	*value = n;
	return true;
}
