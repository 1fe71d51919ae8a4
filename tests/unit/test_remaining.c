/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/remaining.h"
#include "transport/result.h"

#include "base/xalloc.h"

/* Recipients a, b, c, d; those in the list are refused here. */
static void make_envelope(struct envelope *env, const char *refused)
{
	*env = ENVELOPE_INIT;
	for (const char *name = "abcd"; *name; name++) {
		envelope_add(env, (struct mail_address){xasprintf("%c@example.org", *name), NULL});
		if (!strchr(refused, *name))
			continue;
		struct status why = {.kind = ERROR_LOCAL_NAME, .text = xstrdup("a local name")};
		recipient_refuse(&env->rcpts[env->n - 1], &why);
		assert_null(why.text);
	}
}

/* The names in r, and their places in the full envelope: "b1 d3 ". */
static char *collected(const struct remaining *r)
{
	struct strbuf text = STRBUF_INIT;
	for (size_t i = 0; i < r->env.n; i++)
		strbuf_addf(&text, "%c%zu ", r->env.rcpts[i].address.given[0], r->index[i]);
	return strbuf_detach(&text, NULL);
}

static void those_refused_here_are_left_out(void **state)
{
	(void)state;
	static const struct {
		const char *refused, *left;
	} rows[] = {{"a", "b1 c2 d3 "}, {"d", "a0 b1 c2 "}, {"bc", "a0 d3 "}, {"abc", "d3 "}, {"abcd", ""}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(envelope) env;
		struct remaining r = REMAINING_INIT;
		make_envelope(&env, rows[i].refused);
		assert_int_equal(envelope_count_open(&env), 4 - strlen(rows[i].refused));
		assert_true(remaining_collect_open(&r, &env));
		AUTO_FREE char *got = collected(&r);
		assert_string_equal(got ? got : "", rows[i].left);
		remaining_release(&r);
	}
	AUTO(envelope) all;
	struct remaining r = REMAINING_INIT;
	make_envelope(&all, "");
	assert_false(remaining_collect_open(&r, &all));
	assert_null(r.index);
}

/* The server takes one recipient in each session. */
static void a_further_session_has_those_that_are_left(void **state)
{
	(void)state;
	AUTO(envelope) env;
	struct remaining r = REMAINING_INIT;
	struct delivery_result result;
	make_envelope(&env, "b");
	delivery_result_begin(&result, &env);
	assert_int_equal(result.outcomes[1].kind, OUTCOME_REFUSED);
	assert_int_equal(result.outcomes[1].status.kind, ERROR_LOCAL_NAME);
	assert_true(result.outcomes[1].of_recipient);
	assert_true(remaining_collect_open(&r, &env));
	static const char *const sessions[] = {"c2 d3 ", "d3 "};
	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		result.outcomes[r.index[0]].kind = OUTCOME_ACCEPTED;
		for (size_t j = 1; j < r.env.n; j++) {
			result.outcomes[r.index[j]].kind = OUTCOME_RETRY;
			result.outcomes[r.index[j]].remaining = true;
		}
		assert_true(remaining_collect(&r, &env, result.outcomes));
		AUTO_FREE char *got = collected(&r);
		assert_string_equal(got, sessions[i]);
		assert_int_equal(result.outcomes[1].kind, OUTCOME_REFUSED);
	}
	/* and one that takes none would go on for ever */
	result.outcomes[3].kind = OUTCOME_RETRY;
	result.outcomes[3].remaining = true;
	assert_false(remaining_collect(&r, &env, result.outcomes));
	remaining_release(&r);
	delivery_result_release(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_refused_here_are_left_out),
		cmocka_unit_test(a_further_session_has_those_that_are_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
