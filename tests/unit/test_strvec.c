/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strvec.h"

#include "base/xalloc.h"

static void grows_and_stays_terminated(void **state)
{
	(void)state;
	AUTO(strvec) sv = STRVEC_INIT;
	assert_false(strvec_has(&sv, "0"));
	for (size_t i = 0; i < 100; i++) {
		strvec_pushf(&sv, "%zu", i);
		assert_int_equal(sv.n, i + 1);
		assert_null(sv.v[sv.n]);
	}
	assert_string_equal(sv.v[0], "0");
	assert_string_equal(sv.v[99], "99");
	assert_true(strvec_has(&sv, "42"));
	assert_false(strvec_has(&sv, "4 2"));
}

static void owns_copies_of_what_was_pushed(void **state)
{
	(void)state;
	AUTO(strvec) sv = STRVEC_INIT;
	char text[] = "abcdef";
	strvec_push(&sv, text);
	strvec_push_span(&sv, span_make(text + 1, 2));
	strvec_push_owned(&sv, xstrdup("own"));
	memset(text, 'x', 6);
	assert_string_equal(sv.v[0], "abcdef");
	assert_string_equal(sv.v[1], "bc");
	assert_string_equal(sv.v[2], "own");
}

static void joins_and_compares(void **state)
{
	(void)state;
	AUTO(strvec) a = STRVEC_INIT;
	AUTO(strvec) b = STRVEC_INIT;
	AUTO_FREE char *none = strvec_join(&a, ", ");
	assert_string_equal(none, "");
	assert_true(strvec_equal(&a, &b));
	strvec_push(&a, "x");
	assert_false(strvec_equal(&a, &b));
	AUTO_FREE char *one = strvec_join(&a, ", ");
	assert_string_equal(one, "x");
	strvec_push(&a, "");
	strvec_push_all(&b, &a);
	assert_true(strvec_equal(&a, &b));
	AUTO_FREE char *two = strvec_join(&b, ", ");
	assert_string_equal(two, "x, ");
	strvec_release(&b);
	assert_int_equal(b.n, 0);
	strvec_push(&b, "x");
	strvec_push(&b, "y");
	assert_false(strvec_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_stays_terminated),
		cmocka_unit_test(owns_copies_of_what_was_pushed),
		cmocka_unit_test(joins_and_compares),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
