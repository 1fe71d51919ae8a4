/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64.h"

static const struct {
	struct span plain;
	const char *coded;
} pairs[] = {
	{{"", 0}, ""},
	{{"p", 1}, "cA=="},
	{{"po", 2}, "cG8="},
	{{"pos", 3}, "cG9z"},
	{{"post", 4}, "cG9zdA=="},
	{{"\0user\0pw", 8}, "AHVzZXIAcHc="},
	{{"\xff\xfe\xfb", 3}, "//77"},
	{{"\xfb\xef\xbe", 3}, "++++"},
};

static void encodes_with_padding(void **state)
{
	(void)state;
	AUTO(strbuf) all = STRBUF_INIT;
	AUTO(strbuf) expected = STRBUF_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		base64_encode(&out, pairs[i].plain);
		assert_string_equal(out.buf, pairs[i].coded);
		base64_encode(&all, pairs[i].plain); /* appends */
		strbuf_adds(&expected, pairs[i].coded);
	}
	assert_string_equal(all.buf, expected.buf);
}

static void decodes_what_it_encodes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		strbuf_adds(&out, "kept");
		assert_true(base64_decode(&out, span_of(pairs[i].coded)));
		assert_true(span_equal(span_sub(strbuf_span(&out), 4, out.len), pairs[i].plain));
	}
	char octets[260];
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (char)(i * 7);
	for (size_t len = 0; len < sizeof(octets); len++) {
		AUTO(strbuf) coded = STRBUF_INIT;
		AUTO(strbuf) plain = STRBUF_INIT;
		base64_encode(&coded, span_make(octets, len));
		assert_int_equal(coded.len, (len + 2) / 3 * 4);
		assert_true(base64_decode(&plain, strbuf_span(&coded)));
		assert_true(span_equal(strbuf_span(&plain), span_make(octets, len)));
	}
}

static void refuses_everything_else_and_leaves_the_output(void **state)
{
	(void)state;
	static const struct span bad[] = {
		{"c", 1},
		{"cG", 2},
		{"cG9", 3},
		{"cG9zd", 5},
		{"cA=", 3},
		{"cA", 2},
		{"=", 1},
		{"====", 4},
		{"c===", 4},
		{"cA==cA==", 8},
		{"cG=z", 4},
		{"cA=A", 4},
		{"cB==", 4},
		{"cG9=", 4}, /* spare bits */
		{"cG9z\n", 5},
		{"cG9\n", 4},
		{"cG 9", 4},
		{"cG-_", 4},
		{"cG9\0", 4},
		{"cG9\xff", 4},
		{"good"
		 "cA=x",
		 8},
	};
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		assert_false(base64_decode(&out, bad[i]));
		assert_int_equal(out.len, 0);
		strbuf_adds(&out, "kept");
		assert_false(base64_decode(&out, bad[i]));
		assert_string_equal(out.buf, "kept");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_with_padding),
		cmocka_unit_test(decodes_what_it_encodes),
		cmocka_unit_test(refuses_everything_else_and_leaves_the_output),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
