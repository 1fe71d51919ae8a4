/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/checksum.h"

#define SAMPLE 100

static void fill(char *p, size_t len)
{
	uint32_t x = 1;
	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		p[i] = (char)(x >> 24);
	}
}

/* Files of today are read by the program of tomorrow, on whatever machine. */
static void values_are_the_same_everywhere(void **state)
{
	(void)state;
	char sample[SAMPLE];
	fill(sample, sizeof(sample));
	assert_true(checksum_of(SPAN_LIT("")) == UINT64_C(0xf7d5c20d7275445b));
	assert_true(checksum_of(SPAN_LIT("a")) == UINT64_C(0x5a84a8d091ff08d9));
	assert_true(checksum_of(span_make(sample, sizeof(sample))) == UINT64_C(0xcbcd710c0ed3ebbe));
}

static void pieces_make_no_difference(void **state)
{
	(void)state;
	char sample[SAMPLE];
	fill(sample, sizeof(sample));
	for (size_t len = 0; len <= SAMPLE; len++) {
		uint64_t all = checksum_of(span_make(sample, len));
		for (size_t piece = 1; piece <= SAMPLE; piece++) {
			struct checksum sum;
			checksum_init(&sum);
			for (size_t at = 0; at < len; at += piece)
				checksum_add(&sum, sample + at, len - at < piece ? len - at : piece);
			assert_true(checksum_value(&sum) == all);
			assert_true(checksum_value(&sum) == all); /* asking changes nothing */
		}
	}
}

static void flip(char *p, size_t bit)
{
	p[bit / 8] = (char)(p[bit / 8] ^ 1 << bit % 8);
}

static void one_or_two_flipped_bits_are_seen(void **state)
{
	(void)state;
	char sample[SAMPLE];
	fill(sample, sizeof(sample));
	struct span all = span_make(sample, sizeof(sample));
	uint64_t right = checksum_of(all);
	for (size_t a = 0; a < 8 * SAMPLE; a++) {
		flip(sample, a);
		assert_true(checksum_of(all) != right);
		for (size_t b = a + 1; b < 8 * SAMPLE; b++) {
			flip(sample, b);
			assert_true(checksum_of(all) != right);
			flip(sample, b);
		}
		flip(sample, a);
	}
	assert_true(checksum_of(all) == right);
}

/* What disks do: sectors of zeros, and contents that stand in each other's place. */
static void zeros_and_moved_blocks_are_seen(void **state)
{
	(void)state;
	static char zeros[4096], a[4096], b[4096];
	for (size_t len = 0; len < sizeof(zeros); len++)
		assert_true(checksum_of(span_make(zeros, len)) != checksum_of(span_make(zeros, len + 1)));
	fill(a, sizeof(a));
	for (size_t from = 0; from < sizeof(a); from += 512) {
		memcpy(b, a, sizeof(a));
		memset(b + from, 0, 512);
		assert_true(checksum_of(span_make(a, sizeof(a))) != checksum_of(span_make(b, sizeof(b))));
		memcpy(b + from, a + (from + 512) % sizeof(a), 512);
		assert_true(checksum_of(span_make(a, sizeof(a))) != checksum_of(span_make(b, sizeof(b))));
		memcpy(b, a, sizeof(a));
		memcpy(b, a + from, 512);
		memcpy(b + from, a, 512);
		assert_true((checksum_of(span_make(a, sizeof(a))) == checksum_of(span_make(b, sizeof(b)))) ==
			    (from == 0));
	}
}

static void text_is_read_back_and_nothing_else(void **state)
{
	(void)state;
	static const char *const bad[] = {"",
					  "0123456789abcde",
					  "0123456789abcdef0",
					  "0123456789abcdeF",
					  "0123456789abcde ",
					  "0123456789abcdeg",
					  "-123456789abcdef"};
	char digits[CHECKSUM_DIGITS + 1];
	uint64_t value = 7;
	checksum_format(UINT64_C(0x0123456789abcdef), digits);
	assert_string_equal(digits, "0123456789abcdef");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(checksum_parse(span_of(bad[i]), &value));
	assert_true(value == 7);
	assert_true(checksum_parse(span_of(digits), &value));
	assert_true(value == UINT64_C(0x0123456789abcdef));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_the_same_everywhere),     cmocka_unit_test(pieces_make_no_difference),
		cmocka_unit_test(one_or_two_flipped_bits_are_seen),   cmocka_unit_test(zeros_and_moved_blocks_are_seen),
		cmocka_unit_test(text_is_read_back_and_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
