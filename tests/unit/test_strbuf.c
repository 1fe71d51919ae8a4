/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strbuf.h"

static void starts_empty_and_printable(void **state)
{
	(void)state;
	AUTO(strbuf) sb = STRBUF_INIT;
	assert_string_equal(sb.buf, "");
	assert_int_equal(sb.cap, 0);
	strbuf_reset(&sb);
	strbuf_setlen(&sb, 0);
	strbuf_add(&sb, "", 0);
	assert_int_equal(sb.cap, 0); /* nothing was allocated for nothing */
}

static void keeps_octets_and_terminates_after_every_addition(void **state)
{
	(void)state;
	for (size_t chunk = 1; chunk <= 97; chunk += 3) {
		AUTO(strbuf) sb = STRBUF_INIT;
		char expected[1000];
		for (size_t i = 0; i < sizeof(expected); i++)
			expected[i] = (char)(i % 251); /* NUL among them */
		for (size_t i = 0; i < sizeof(expected);) {
			size_t n = sizeof(expected) - i < chunk ? sizeof(expected) - i : chunk;
			if (n == 1)
				strbuf_addch(&sb, expected[i]);
			else
				strbuf_add(&sb, expected + i, n);
			i += n;
			assert_int_equal(sb.len, i);
			assert_int_equal(sb.buf[sb.len], 0);
		}
		assert_memory_equal(sb.buf, expected, sizeof(expected));
	}
}

static void formats_text_longer_than_its_room(void **state)
{
	(void)state;
	AUTO(strbuf) sb = STRBUF_INIT;
	strbuf_adds(&sb, "a");
	strbuf_addf(&sb, "%0200d|%s", 7, "end");
	assert_int_equal(sb.len, 1 + 200 + 4);
	assert_string_equal(sb.buf + 197, "0007|end");
}

static void removes_in_the_middle_and_at_both_ends(void **state)
{
	(void)state;
	static const struct {
		size_t pos, len;
		const char *left;
	} rows[] = {{0, 0, "abcdef"}, {0, 2, "cdef"}, {2, 2, "abef"}, {4, 2, "abcd"}, {0, 6, ""}, {6, 0, "abcdef"}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) sb = STRBUF_INIT;
		strbuf_adds(&sb, "abcdef");
		strbuf_remove(&sb, rows[i].pos, rows[i].len);
		assert_string_equal(sb.buf, rows[i].left);
		assert_int_equal(sb.len, strlen(rows[i].left));
	}
}

static void adds_fields_that_are_read_back(void **state)
{
	(void)state;
	AUTO(strbuf) sb = STRBUF_INIT;
	struct span rest, field;
	strbuf_add_field(&sb, "one");
	strbuf_add_field(&sb, NULL);
	strbuf_add_field(&sb, "a b");
	assert_int_equal(sb.len, 4 + 1 + 4);
	rest = strbuf_span(&sb);
	assert_true(span_field(&rest, &field) && span_equals_str(field, "one"));
	assert_true(span_field(&rest, &field) && !field.len);
	assert_true(span_field(&rest, &field) && span_equals_str(field, "a b"));
	assert_int_equal(rest.len, 0);
}

static void detaches_even_when_empty(void **state)
{
	(void)state;
	AUTO(strbuf) sb = STRBUF_INIT;
	size_t len = 9;
	AUTO_FREE char *nothing = strbuf_detach(&sb, &len);
	assert_int_equal(len, 0);
	assert_string_equal(nothing, "");
	strbuf_adds(&sb, "x");
	AUTO_FREE char *x = strbuf_detach(&sb, NULL);
	assert_string_equal(x, "x");
	assert_int_equal(sb.len, 0);
	assert_string_equal(sb.buf, "");
}

static void reset_keeps_memory_and_wipe_gives_it_back(void **state)
{
	(void)state;
	AUTO(strbuf) sb = STRBUF_INIT;
	strbuf_adds(&sb, "hello");
	char *at = sb.buf;
	strbuf_reset(&sb);
	assert_ptr_equal(sb.buf, at);
	assert_string_equal(sb.buf, "");
	strbuf_wipe(&sb);
	assert_ptr_equal(sb.buf, strbuf_empty);
	assert_int_equal(sb.cap, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_empty_and_printable),
		cmocka_unit_test(keeps_octets_and_terminates_after_every_addition),
		cmocka_unit_test(formats_text_longer_than_its_room),
		cmocka_unit_test(removes_in_the_middle_and_at_both_ends),
		cmocka_unit_test(adds_fields_that_are_read_back),
		cmocka_unit_test(detaches_even_when_empty),
		cmocka_unit_test(reset_keeps_memory_and_wipe_gives_it_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
