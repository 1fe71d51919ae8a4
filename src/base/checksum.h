/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * checksum: 64 bits that differ when bytes have changed by accident.  Fast (memory speed on 64-bit
 * machines), the same on every machine, and of no use against an attacker: it has no key.
 *
 *	struct checksum sum;
 *	checksum_init(&sum);
 *	checksum_add(&sum, data, len);		// any number of times
 *	uint64_t value = checksum_value(&sum);	// of everything added, however it was divided
 *
 * What is certain: bytes that differ within one word of eight have different sums.  Everything else is a
 * matter of chance, 1 in 2^64.
 */
#ifndef BASE_CHECKSUM_H
#define BASE_CHECKSUM_H

#include "base/span.h"

#include <stdint.h>

#define CHECKSUM_LANES 4
#define CHECKSUM_STRIPE (CHECKSUM_LANES * 8)

struct checksum {
	uint64_t lanes[CHECKSUM_LANES];
	uint64_t len;
	unsigned char rest[CHECKSUM_STRIPE]; /* the len % CHECKSUM_STRIPE bytes added last */
};

void checksum_init(struct checksum *sum);
void checksum_add(struct checksum *sum, const void *data, size_t len);
uint64_t checksum_value(const struct checksum *sum);
/* The value of one piece of memory. */
uint64_t checksum_of(struct span bytes);

/* As text: 16 lower-case hexadecimal digits. */
#define CHECKSUM_DIGITS 16
/* out gets the digits and a NUL. */
void checksum_format(uint64_t value, char out[CHECKSUM_DIGITS + 1]);
/* True only for what checksum_format() writes. */
bool checksum_parse(struct span digits, uint64_t *value);

#endif
