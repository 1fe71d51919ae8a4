/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config/configuration.h"
#include "config/variables.h"
#include "../lib/test_runtime.h"

static const struct {
	const char *text, *wanted, *error;
	size_t at;
} rows[] = {
	{"${A}", "one", NULL, 0},
	{"x${A}y${A}", "xoneyone", NULL, 0},
	{"${_a9}", "two words", NULL, 0},
	{"${EMPTY}", "", NULL, 0},
	{"${A:-d}", "one", NULL, 0},
	{"${EMPTY:-d e}", "d e", NULL, 0},
	{"${NONE:-}", "", NULL, 0},
	{"${NONE:-a:-b}", "a:-b", NULL, 0},
	{"${NONE:-${A}}!", "one!", NULL, 0},
	{"${NONE:-${NONE:-${EMPTY:-x}}}", "x", NULL, 0},
	{"${NONE:-$$}}", "$}", NULL, 0},
	{"${A:-${NONE}}", "one", NULL, 0}, /* the default is not needed */
	/* what a variable holds is not looked at */
	{"${DOLLARS}", "$$ ${A} \"\\", NULL, 0},
	/* dollar signs */
	{"$$", "$", NULL, 0},
	{"$$$$", "$$", NULL, 0},
	{"$${A}", "${A}", NULL, 0},
	{"$$${A}", "$one", NULL, 0},
	{"$", "$", NULL, 0},
	{"$A", "$A", NULL, 0},
	{"$(echo $HOME)", "$(echo $HOME)", NULL, 0},
	{"a$ {A}", "a$ {A}", NULL, 0},
	{"{A}", "{A}", NULL, 0},
	/* not set */
	{"${NONE}", NULL, "the environment variable NONE is not set", 0},
	{"ab${NONE}", NULL, "the environment variable NONE is not set", 2},
	{"${EMPTY:-x${NONE}}", NULL, "the environment variable NONE is not set", 10},
	/* malformed */
	{"${", NULL, "expected ${NAME}", 0},
	{"a${A", NULL, "expected ${NAME}", 1},
	{"${}", NULL, "expected ${NAME}", 0},
	{"${9}", NULL, "expected ${NAME}", 0},
	{"${A B}", NULL, "expected ${NAME}", 0},
	{"${A-x}", NULL, "expected ${NAME}", 0},
	{"${A:=x}", NULL, "expected ${NAME}", 0},
	{"${A:x}", NULL, "expected ${NAME}", 0},
	{"${A%x}", NULL, "expected ${NAME}", 0},
	{"${:-x}", NULL, "expected ${NAME}", 0},
	{"${NONE:-${A}", NULL, "expected ${NAME}", 0},
	{"${NONE:-$}", "$", NULL, 0},
};

#define VARIABLES TEST_ENV("A=one", "_a9=two words", "EMPTY=", "DOLLARS=$$ ${A} \"\\", "AB=no", "Q=a\" \\b", "P=25")

static void variables_are_replaced(void **state)
{
	(void)state;
	struct runtime runtime = test_runtime();
	runtime.environ = VARIABLES;
	const struct variables_request req = {.runtime = &runtime};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		bool literal;
		size_t at = 99;
		bool ok = variables_replace(span_of(rows[i].text), &req, &out, &literal, &at, &err);
		if (ok != !rows[i].error)
			fail_msg("%s: %s", rows[i].text, ok ? out.buf : err.status.text);
		if (ok) {
			assert_string_equal(out.len ? out.buf : "", rows[i].wanted);
			continue;
		}
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_int_equal(strncmp(err.status.text, rows[i].error, strlen(rows[i].error)), 0);
		assert_int_equal(at, rows[i].at);
		assert_non_null(err.status.hint);
	}
}

static void the_text_of_a_secret_is_not_shown(void **state)
{
	(void)state;
	static const struct {
		const char *text, *error;
	} secrets[] = {
		{"${NONE}", "the environment variable NONE is not set"},
		{"canary${NONE}", "an environment variable in this text is not set"},
		{"${NONE}canary", "an environment variable in this text is not set"},
		{"a${canary}b", "an environment variable in this text is not set"},
	};
	struct runtime runtime = test_runtime();
	runtime.environ = VARIABLES;
	const struct variables_request req = {.runtime = &runtime, .secret = true};
	for (size_t i = 0; i < ARRAY_SIZE(secrets); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		bool literal;
		size_t at;
		assert_false(variables_replace(span_of(secrets[i].text), &req, &out, &literal, &at, &err));
		assert_string_equal(err.status.text, secrets[i].error);
	}
}

static void who_has_more_rights_uses_no_variables(void **state)
{
	(void)state;
	struct runtime runtime = test_runtime();
	runtime.environ = VARIABLES;
	runtime.privileged = true;
	const struct variables_request req = {.runtime = &runtime};
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	bool literal;
	size_t at;
	assert_false(variables_replace(SPAN_LIT("${A}"), &req, &out, &literal, &at, &err));
	assert_string_equal(err.status.text,
			    "the environment variable A is not used: running set-user-ID or set-group-ID");
	assert_true(variables_replace(SPAN_LIT("${A:-safe}"), &req, &out, &literal, &at, &err));
	assert_string_equal(out.buf, "safe");
}

/* ---- in a file ---- */

static const struct account *read_account(struct config *c, const char *text, enum config_flavour flavour,
					  struct strvec *names, struct error *err)
{
	struct runtime runtime = test_runtime();
	runtime.environ = VARIABLES;
	runtime.variables = names;
	return config_parse(c, "rc", span_of(text), flavour, &runtime, err) ? c->accounts[0] : NULL;
}

static void a_file_of_ours_has_variables(void **state)
{
	(void)state;
	AUTO(config) c = CONFIG_INIT;
	AUTO(strvec) names = STRVEC_INIT, hosts = STRVEC_INIT, command = STRVEC_INIT;
	const struct account *a = read_account(&c,
					       "host ${_a9} x${A}\nport ${P}\nuser \"${Q} \"\npassword \"p$$${A}\"\n"
					       "on_failure \"${Q}${_a9}\" ${A} \"\\\\$$\"\ndomain ${NONE:-a.b}\n",
					       FLAVOUR_OWN, &names, NULL);
	assert_non_null(a);
	strvec_push(&hosts, "two");
	strvec_push(&hosts, "words");
	strvec_push(&hosts, "xone");
	assert_true(strvec_equal(account_list(a, OPT_HOST), &hosts));
	assert_int_equal(account_int(a, OPT_PORT), 25);
	assert_string_equal(account_str(a, OPT_USER), "a\" \\b ");
	assert_string_equal(account_str(a, OPT_DOMAIN), "a.b");
	assert_true(span_equals_str(secret_reveal(account_secret(a, OPT_PASSWORD)), "p$one"));
	strvec_push(&command, "a\" \\btwo words");
	strvec_push(&command, "one");
	strvec_push(&command, "\\$");
	assert_true(strvec_equal(account_list(a, OPT_ON_FAILURE), &command));
	AUTO_FREE char *all = strvec_join(&names, " ");
	assert_string_equal(all, "_a9 A P Q NONE");
}

static void an_msmtprc_has_none(void **state)
{
	(void)state;
	AUTO(config) c = CONFIG_INIT;
	const struct account *a =
		read_account(&c, "host h\nuser ${A}$$\npasswordeval echo ${x%y} $$\n", FLAVOUR_MSMTP, NULL, NULL);
	assert_non_null(a);
	assert_string_equal(account_str(a, OPT_USER), "${A}$$");
	assert_string_equal(account_str(a, OPT_PASSWORDEVAL), "echo ${x%y} $$");
}

static void errors_name_the_place(void **state)
{
	(void)state;
	static const struct {
		const char *text, *error;
	} faults[] = {
		{"host h\nuser joe${NONE}\n", "rc, line 2, column 9: the environment variable NONE is not set"},
		{"user \"joe${NONE}\"\n", "rc, line 1, column 10: the environment variable NONE is not set"},
		{"host a ${NONE}\n", "rc, line 1, column 8: the environment variable NONE is not set"},
		{"port ${A}\n", "rc, line 1, column 6: port: expected a number from 1 to 65535, got one"},
		{"include ${NONE}/x\n", "rc, line 1, column 9: the environment variable NONE is not set"},
		{"user ${A\n", "rc, line 1, column 6: expected ${NAME} or ${NAME:-DEFAULT}, got another text after ${"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		AUTO(config) c = CONFIG_INIT;
		AUTO(error) err = ERROR_INIT;
		assert_null(read_account(&c, faults[i].text, FLAVOUR_OWN, NULL, &err));
		assert_string_equal(err.status.text, faults[i].error);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_are_replaced),
		cmocka_unit_test(the_text_of_a_secret_is_not_shown),
		cmocka_unit_test(who_has_more_rights_uses_no_variables),
		cmocka_unit_test(a_file_of_ours_has_variables),
		cmocka_unit_test(an_msmtprc_has_none),
		cmocka_unit_test(errors_name_the_place),
	};
	return cmocka_run_group_tests_name("variables", tests, NULL, NULL);
}
