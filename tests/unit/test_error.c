/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clean_text.h"
#include "base/error.h"

#include <errno.h>

static void nobody_asking_is_allowed(void **state)
{
	(void)state;
	assert_false(error_set(NULL, ERROR_IO, "x"));
	assert_false(error_set_errno(NULL, ERROR_IO, EIO, "x"));
	error_stage(NULL, "x");
	error_hint(NULL, "x");
	error_prefix(NULL, "x");
	error_server(NULL, 550, "5.1.1", SPAN_LIT("x"));
	AUTO(error) from = ERROR_INIT;
	(void)error_set(&from, ERROR_IO, "x");
	error_copy(NULL, &from);
	error_move(NULL, &from);
	error_release(NULL);
	assert_int_equal(from.status.kind, ERROR_NONE);
}

static void context_is_added_on_the_way_up(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	assert_false(error_set_errno(&err, ERROR_IO, ENOSPC, "writing %s", "f"));
	error_prefix(&err, "keeping message %d", 7);
	error_stage(&err, "%s", "near");
	error_stage(&err, "%s", "far");
	error_hint(&err, "first");
	error_hint(&err, "second");
	assert_string_equal(err.status.text, "keeping message 7: writing f: No space left on device");
	assert_int_equal(err.sys_errno, ENOSPC);
	assert_string_equal(err.status.stage, "near");
	assert_string_equal(err.status.hint, "second");
}

static void a_new_fault_forgets_the_old_one(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	(void)error_set_errno(&err, ERROR_IO, EIO, "old");
	error_hint(&err, "old");
	error_stage(&err, "old");
	error_server(&err, 451, "4.3.0", SPAN_LIT("old"));
	(void)error_set(&err, ERROR_TLS, "new, not %s", err.status.text); /* may quote itself */
	assert_string_equal(err.status.text, "new, not old: Input/output error");
	assert_null(err.status.hint);
	assert_null(err.status.stage);
	assert_null(err.status.server.line);
	assert_int_equal(err.status.code, 0);
	assert_int_equal(err.sys_errno, 0);
	assert_string_equal(err.status.enhanced, "");
}

static void copies_and_moves(void **state)
{
	(void)state;
	AUTO(error) a = ERROR_INIT;
	AUTO(error) b = ERROR_INIT;
	(void)error_set(&b, ERROR_IO, "held before");
	(void)error_set(&a, ERROR_RECIPIENT_REFUSED, "text");
	error_server(&a, 550, "5.1.1", SPAN_LIT("no such user"));
	error_copy(&b, &a);
	assert_ptr_not_equal(a.status.text, b.status.text);
	assert_string_equal(b.status.text, "text");
	assert_string_equal(b.status.server.line, "no such user");
	assert_string_equal(b.status.enhanced, "5.1.1");
	assert_int_equal(b.status.code, 550);
	error_copy(&b, &b);
	assert_string_equal(b.status.text, "text");
	char *text = a.status.text;
	error_move(&b, &a);
	assert_ptr_equal(b.status.text, text);
	assert_null(a.status.text);
	assert_int_equal(a.status.kind, ERROR_NONE);
}

static void overlong_enhanced_codes_are_cut(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	error_server(&err, 550, "5.123456789.123456789", SPAN_LIT("x"));
	assert_string_equal(err.status.enhanced, "5.123456789.123");
	error_server(&err, 550, NULL, SPAN_LIT("x"));
	assert_string_equal(err.status.enhanced, "");
}

static void a_reply_keeps_its_lines(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT, copy = ERROR_INIT;
	(void)error_set(&err, ERROR_MESSAGE, "x");
	error_server(&err, 550, "5.1.1", span_of("one\ntwo"));
	error_copy(&copy, &err);
	assert_string_equal(copy.status.server.line, "one two");
	assert_string_equal(copy.status.server.lines, "one\ntwo");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_asking_is_allowed),	   cmocka_unit_test(context_is_added_on_the_way_up),
		cmocka_unit_test(a_new_fault_forgets_the_old_one), cmocka_unit_test(copies_and_moves),
		cmocka_unit_test(overlong_enhanced_codes_are_cut), cmocka_unit_test(a_reply_keeps_its_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
