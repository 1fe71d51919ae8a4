/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/exit_status.h"

#include <sysexits.h>

static void statuses_have_the_names_of_sysexits(void **state)
{
	(void)state;
#define NAMED(status)           \
	{                       \
		status, #status \
	}
	static const struct {
		int status;
		const char *name;
	} rows[] = {
		NAMED(EX_OK),	    NAMED(EX_USAGE),	NAMED(EX_DATAERR),     NAMED(EX_NOINPUT),
		NAMED(EX_NOUSER),   NAMED(EX_NOHOST),	NAMED(EX_UNAVAILABLE), NAMED(EX_SOFTWARE),
		NAMED(EX_OSERR),    NAMED(EX_OSFILE),	NAMED(EX_CANTCREAT),   NAMED(EX_IOERR),
		NAMED(EX_TEMPFAIL), NAMED(EX_PROTOCOL), NAMED(EX_NOPERM),      NAMED(EX_CONFIG),
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(exit_status_name(rows[i].status), rows[i].name);
	assert_null(exit_status_name(1));
	assert_null(exit_status_name(-1));
	assert_null(exit_status_name(EX__MAX + 1));
}

static void every_kind_of_error_has_a_status_with_a_name(void **state)
{
	(void)state;
	for (int kind = 0; kind < ERROR_KIND_COUNT; kind++)
		assert_non_null(exit_status_name(error_kind_exit_status((enum error_kind)kind)));
}

static void what_is_kept_is_safe(void **state)
{
	(void)state;
#define O(kind_, error_)                                               \
	{                                                              \
		.kind = OUTCOME_##kind_, .status.kind = ERROR_##error_ \
	}
	static const struct {
		struct outcome outcomes[3];
		size_t n;
		int status;
		const char *word;
	} rows[] = {
		{{O(QUEUED, CONNECT)}, 1, EX_OK, "queued"},
		{{O(QUEUED, NONE), O(QUEUED, NONE)}, 2, EX_OK, "queued"},
		{{O(QUEUED, LOGIN_EXPIRED)}, 1, EX_NOPERM, "queued"}, /* the user has to act */
		{{O(ACCEPTED, NONE), O(QUEUED, UNCERTAIN)}, 2, EX_OK, "queued"},
		{{O(ACCEPTED, NONE), O(ACCEPTED, NONE)}, 2, EX_OK, "accepted"},
		{{O(QUEUED, CONNECT), O(REFUSED, RECIPIENT_REFUSED)}, 2, EX_NOUSER, "partial"},
		{{O(QUEUED, CONNECT), O(REFUSED, LOCAL_NAME)}, 2, EX_NOUSER, "partial"},
		{{O(QUEUED, CONNECT), O(REFUSED, MESSAGE_REFUSED)}, 2, EX_NOUSER, "partial"},
		{{O(ACCEPTED, NONE), O(REFUSED, RECIPIENT_REFUSED), O(QUEUED, SERVER_TEMPORARY)},
		 3,
		 EX_NOUSER,
		 "partial"},
		{{O(RETRY, CONNECT), O(QUEUED, CONNECT)}, 2, EX_TEMPFAIL, "partial"},
		{{O(RETRY, CONNECT)}, 1, EX_TEMPFAIL, "retry"},
		{{O(REFUSED, MESSAGE_REFUSED)}, 1, EX_DATAERR, "refused"},
		{{O(REFUSED, LOCAL_NAME), O(OPEN, NONE)}, 2, EX_NOUSER, "refused"}, /* --dry-run */
		{{O(OPEN, NONE), O(REFUSED, LOCAL_NAME)}, 2, EX_NOUSER, "refused"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct outcome outcomes[3];
		memcpy(outcomes, rows[i].outcomes, sizeof(outcomes));
		struct delivery_result r = {.outcomes = outcomes, .n = rows[i].n};
		assert_int_equal(exit_status_of(&r), rows[i].status);
		assert_string_equal(exit_status_outcome(&r), rows[i].word);
	}
}

/* ---- shuffled recipients ---- */

#define KINDS 9
static const struct outcome of_recipients[KINDS] = {
	{.kind = OUTCOME_ACCEPTED, .status = {.code = 250}},
	{.kind = OUTCOME_QUEUED, .status = {.kind = ERROR_SERVER_TEMPORARY, .code = 450}, .of_recipient = true},
	{.kind = OUTCOME_QUEUED, .status = {.kind = ERROR_CONNECTION_LOST}},
	{.kind = OUTCOME_RETRY, .status = {.kind = ERROR_CONNECTION_LOST}},
	{.kind = OUTCOME_RETRY,
	 .status = {.kind = ERROR_SERVER_TEMPORARY, .code = 451, .enhanced = "4.7.1"},
	 .of_recipient = true},
	{.kind = OUTCOME_RETRY, .status = {.kind = ERROR_SERVER_TEMPORARY, .code = 450}, .of_recipient = true},
	{.kind = OUTCOME_RETRY, .status = {.kind = ERROR_AUTH_REFUSED, .code = 530}, .of_recipient = true},
	{.kind = OUTCOME_REFUSED, .status = {.kind = ERROR_RECIPIENT_REFUSED, .code = 550}, .of_recipient = true},
	{.kind = OUTCOME_UNKNOWN, .status = {.kind = ERROR_UNCERTAIN}},
};

static int leading_kind(const struct delivery_result *r, int *code)
{
	const struct status *leading = delivery_result_leading(r);
	*code = leading ? leading->code : 0;
	return leading ? (int)leading->kind : -1;
}

/* Every choice of three recipients, in the order chosen and turned round in each way. */
static void the_order_of_recipients_does_not_matter(void **state)
{
	(void)state;
	static const size_t turns[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	for (size_t i = 0; i < KINDS * KINDS * KINDS; i++) {
		const size_t chosen[] = {i % KINDS, i / KINDS % KINDS, i / KINDS / KINDS};
		int status = 0, kind = 0, code = 0;
		const char *word = NULL;
		for (size_t t = 0; t < ARRAY_SIZE(turns); t++) {
			struct outcome outcomes[3];
			struct delivery_result r = {.outcomes = outcomes, .n = 3};
			int its_code;
			for (size_t k = 0; k < 3; k++)
				outcomes[k] = of_recipients[chosen[turns[t][k]]];
			if (!t) {
				status = exit_status_of(&r);
				word = exit_status_outcome(&r);
				kind = leading_kind(&r, &code);
			}
			assert_int_equal(exit_status_of(&r), status);
			assert_string_equal(exit_status_outcome(&r), word);
			assert_int_equal(leading_kind(&r, &its_code), kind);
			assert_int_equal(its_code, code);
			/* what is named agrees with the status: something failed, and it may succeed later or not */
			if (status)
				assert_int_equal(status == EX_TEMPFAIL,
						 error_kind_disposition((enum error_kind)kind) == DISPOSITION_RETRY);
		}
	}
}

static void the_failure_that_is_named(void **state)
{
	(void)state;
	static const struct {
		size_t chosen[3];
		int kind, code;
	} rows[] = {
		{{0, 0, 0}, -1, 0},
		{{0, 1, 2}, ERROR_CONNECTION_LOST, 0}, /* what concerns all before one recipient's */
		{{2, 5, 3}, ERROR_CONNECTION_LOST, 0},
		{{3, 4, 5}, ERROR_SERVER_TEMPORARY, 451}, /* but a rate limit before all */
		{{5, 8, 7}, ERROR_UNCERTAIN, 0},
		{{7, 6, 5}, ERROR_SERVER_TEMPORARY, 450},
		{{7, 6, 0}, ERROR_AUTH_REFUSED, 530},
		{{1, 7, 2}, ERROR_RECIPIENT_REFUSED, 550}, /* those in the queue are safe */
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct outcome outcomes[3];
		struct delivery_result r = {.outcomes = outcomes, .n = 3, .error = {.status.kind = ERROR_IO}};
		int code;
		for (size_t k = 0; k < 3; k++)
			outcomes[k] = of_recipients[rows[i].chosen[k]];
		assert_int_equal(leading_kind(&r, &code), rows[i].kind);
		assert_int_equal(code, rows[i].code);
	}
	struct delivery_result nobody = {.error = {.status.kind = ERROR_IO}};
	assert_int_equal(leading_kind(&nobody, &(int){0}), ERROR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses_have_the_names_of_sysexits),
		cmocka_unit_test(what_is_kept_is_safe),
		cmocka_unit_test(every_kind_of_error_has_a_status_with_a_name),
		cmocka_unit_test(the_order_of_recipients_does_not_matter),
		cmocka_unit_test(the_failure_that_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
