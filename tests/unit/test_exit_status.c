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
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct outcome outcomes[3];
		memcpy(outcomes, rows[i].outcomes, sizeof(outcomes));
		struct delivery_result r = {.outcomes = outcomes, .n = rows[i].n};
		assert_int_equal(exit_status_of(&r), rows[i].status);
		assert_string_equal(exit_status_outcome(&r), rows[i].word);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statuses_have_the_names_of_sysexits),
		cmocka_unit_test(what_is_kept_is_safe),
		cmocka_unit_test(every_kind_of_error_has_a_status_with_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
