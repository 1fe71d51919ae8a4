/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the sink reads message octets, in blocks of every size. */
#include "sink_body.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

struct got {
	char data[256];
	size_t len;
};

static void collect(void *arg, const void *data, size_t len)
{
	struct got *g = arg;

	assert_true(g->len + len <= sizeof g->data);
	memcpy(g->data + g->len, data, len);
	g->len += len;
}

#define WIRE(text) text, sizeof text - 1

static const struct {
	const char *wire;
	size_t wire_len;
	const char *message;
	size_t message_len;
	unsigned faults;
} cases[] = {
	{WIRE(".\r\n"), WIRE(""), 0},
	{WIRE("a\r\n.\r\n"), WIRE("a\r\n"), 0},
	{WIRE("..\r\n.\r\n"), WIRE(".\r\n"), 0},
	{WIRE("..a\r\n\r\n...\r\n.\r\n"), WIRE(".a\r\n\r\n..\r\n"), 0},
	{WIRE(".a\r\n.\r\n"), WIRE("a\r\n"), BODY_BAD_DOT},
	{WIRE("a\n.\n.\r\nb\r\n.\r\n"), WIRE("a\n.\n.\r\nb\r\n"), BODY_BARE_LF},
	{WIRE("a\r.\r\r\n.\r\n"), WIRE("a\r.\r\r\n"), BODY_BARE_CR},
	{WIRE("a\r\n.\rb\r\n.\r\n"), WIRE("a\r\n\rb\r\n"), BODY_BARE_CR | BODY_BAD_DOT},
	{WIRE("\xe4\r\n\0\r\n.\r\n"), WIRE("\xe4\r\n\0\r\n"), BODY_EIGHT_BIT | BODY_NUL},
	{WIRE("123456789012345678\r\n.\r\n"), WIRE("123456789012345678\r\n"), 0},
	{WIRE("1234567890123456789\r\n.\r\n"), WIRE("1234567890123456789\r\n"), BODY_LONG_LINE},
	{WIRE("..23456789012345678\r\n.\r\n"), WIRE(".23456789012345678\r\n"), 0},
};

static void check(size_t n, size_t block)
{
	struct got got = {.len = 0};
	struct body b;
	size_t done = 0;
	bool end = false;

	body_init(&b, BODY_DATA, 20, collect, &got);
	while (done < cases[n].wire_len) {
		size_t left = cases[n].wire_len - done;

		assert_false(end);
		done += body_feed(&b, cases[n].wire + done, left < block ? left : block, &end);
	}
	assert_true(end);
	assert_int_equal(got.len, cases[n].message_len);
	assert_int_equal(b.size, got.len);
	assert_memory_equal(got.data, cases[n].message, got.len);
	assert_int_equal(b.faults, cases[n].faults);
}

static void data_is_read_the_same_in_blocks_of_every_size(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof cases / sizeof *cases; n++)
		for (size_t block = 1; block <= cases[n].wire_len; block++)
			check(n, block);
}

static void what_follows_the_end_is_left_alone(void **state)
{
	struct got got = {.len = 0};
	struct body b;
	bool end;

	(void)state;
	body_init(&b, BODY_DATA, 0, collect, &got);
	assert_int_equal(body_feed(&b, "a\r\n.\r\nQUIT\r\n", 12, &end), 6);
	assert_true(end);
}

static void chunks_have_no_dots_and_no_end(void **state)
{
	struct got got = {.len = 0};
	struct body b;
	bool end;

	(void)state;
	body_init(&b, BODY_BDAT, 0, collect, &got);
	assert_int_equal(body_feed(&b, ".\r", 2, &end), 2);
	assert_int_equal(body_feed(&b, "\n.\r\nx", 5, &end), 5);
	assert_false(end);
	body_finish(&b);
	assert_int_equal(got.len, 7);
	assert_memory_equal(got.data, ".\r\n.\r\nx", 7);
	assert_int_equal(b.faults, BODY_NO_LAST_CRLF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_is_read_the_same_in_blocks_of_every_size),
		cmocka_unit_test(what_follows_the_end_is_left_alone),
		cmocka_unit_test(chunks_have_no_dots_and_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
