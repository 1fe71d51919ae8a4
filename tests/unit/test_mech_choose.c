/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/mech_choose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define ALL                                                                                                          \
	"SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5 DIGEST-MD5 NTLM GSSAPI " \
	"EXTERNAL OAUTHBEARER XOAUTH2"

enum { LINE = 1, BINDING = 2, USER = 4, GSSAPI = 8, AUTHZID = 16, USUAL = LINE | USER | GSSAPI };

struct row {
	const char *wanted, *offered, *refused;
	unsigned has;
	const char *chosen;   /* NULL: failure */
	enum error_kind kind; /* of the failure */
	const char *says;     /* in the failure's text */
};

static const struct row rows[] = {
	{"on", ALL, "", USUAL | BINDING, "SCRAM-SHA-256-PLUS", 0, NULL},
	{"on", ALL, "scram-sha-256-plus", USUAL | BINDING, "SCRAM-SHA-1-PLUS", 0, NULL},
	{"on", ALL, "", USUAL, "SCRAM-SHA-256", 0, NULL},
	{"ON", ALL, "", USUAL, "SCRAM-SHA-256", 0, NULL},
	{"on", "PLAIN LOGIN SCRAM-SHA-1", "", USUAL, "SCRAM-SHA-1", 0, NULL},
	{"on", "CRAM-MD5 LOGIN PLAIN", "", USUAL, "PLAIN", 0, NULL},
	{"on", "CRAM-MD5 LOGIN", "", USUAL, "LOGIN", 0, NULL},
	{"on", "cram-md5", "", USUAL, "CRAM-MD5", 0, NULL},
	{"on", "plain", "", USUAL, "PLAIN", 0, NULL},
	{"on", "PLAIN LOGIN", "PLAIN", USUAL, "LOGIN", 0, NULL},
	{"on", "PLAIN LOGIN", "PLAIN LOGIN", USUAL, NULL, ERROR_NO_MECHANISM, "already refused"},
	/* never automatically */
	{"on", "DIGEST-MD5 NTLM GSSAPI EXTERNAL OAUTHBEARER XOAUTH2", "", USUAL | BINDING, NULL, ERROR_NO_MECHANISM,
	 "used only when set by name"},
	{"on", "KERBEROS_V4", "", USUAL, NULL, ERROR_NO_MECHANISM, "KERBEROS_V4"},
	/* without protection no password is shown, and no silent fall from SCRAM to PLAIN happens */
	{"on", ALL, "", USER, "SCRAM-SHA-256", 0, NULL},
	{"on", ALL, "SCRAM-SHA-256 SCRAM-SHA-1", USER, NULL, ERROR_NO_MECHANISM, "PLAIN: would reveal the password"},
	{"on", "PLAIN LOGIN CRAM-MD5", "", USER, NULL, ERROR_NO_MECHANISM, "CRAM-MD5: needs a protected connection"},
	{"plain", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "would reveal the password"},
	{"login", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "would reveal the password"},
	{"xoauth2", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "would reveal the password"},
	{"oauthbearer", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "would reveal the password"},
	{"cram-md5", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "needs a protected connection"},
	{"digest-md5", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "needs a protected connection"},
	{"ntlm", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "needs a protected connection"},
	{"scram-sha-256", ALL, "", USER, "SCRAM-SHA-256", 0, NULL},
	{"external", ALL, "", 0, "EXTERNAL", 0, NULL},
	{"gssapi", ALL, "", GSSAPI, "GSSAPI", 0, NULL},
	/* by name */
	{"plain", ALL, "", USUAL | BINDING, "PLAIN", 0, NULL},
	{"login", ALL, "", USUAL, "LOGIN", 0, NULL},
	{"Cram-MD5", ALL, "", USUAL, "CRAM-MD5", 0, NULL},
	{"digest-md5", ALL, "", USUAL, "DIGEST-MD5", 0, NULL},
	{"ntlm", ALL, "", USUAL, "NTLM", 0, NULL},
	{"oauthbearer", ALL, "", USUAL, "OAUTHBEARER", 0, NULL},
	{"xoauth2", ALL, "", USUAL, "XOAUTH2", 0, NULL},
	{"scram-sha-1", ALL, "", USUAL | BINDING, "SCRAM-SHA-1", 0, NULL},
	{"scram-sha-256-plus", ALL, "", USUAL | BINDING, "SCRAM-SHA-256-PLUS", 0, NULL},
	{"scram-sha-256-plus", ALL, "", USUAL, NULL, ERROR_NO_MECHANISM, "channel binding"},
	{"scram-sha-256-plus", "SCRAM-SHA-256", "", USUAL | BINDING, NULL, ERROR_NO_MECHANISM, "not offered"},
	{"plain", "LOGIN", "", USUAL, NULL, ERROR_NO_MECHANISM, "offers LOGIN"},
	{"plain", "PLAIN", "PLAIN", USUAL, NULL, ERROR_NO_MECHANISM, "already refused"},
	{"gssapi", ALL, "", LINE | USER, NULL, ERROR_NO_MECHANISM, "libgsasl"},
	{"nonsense", ALL, "", USUAL, NULL, ERROR_CONFIG, "nonsense"},
	/* an identity to act as is not left out silently */
	{"on", "PLAIN LOGIN CRAM-MD5", "", USUAL | AUTHZID, "PLAIN", 0, NULL},
	{"on", "LOGIN CRAM-MD5", "", USUAL | AUTHZID, NULL, ERROR_NO_MECHANISM, "LOGIN: cannot transmit authzid"},
	{"xoauth2", ALL, "", USUAL | AUTHZID, NULL, ERROR_NO_MECHANISM, "cannot transmit authzid"},
	{"ntlm", ALL, "", USUAL | AUTHZID, NULL, ERROR_NO_MECHANISM, "cannot transmit authzid"},
	{"gssapi", ALL, "", USUAL | AUTHZID, "GSSAPI", 0, NULL},
	{"digest-md5", ALL, "", USUAL | AUTHZID, "DIGEST-MD5", 0, NULL},
	/* without a user name */
	{"on", ALL, "", LINE, NULL, ERROR_NO_MECHANISM, "needs a user name"},
	{"xoauth2", ALL, "", LINE, NULL, ERROR_NO_MECHANISM, "needs a user name"},
	{"oauthbearer", ALL, "", LINE, "OAUTHBEARER", 0, NULL},
	/* no AUTH at all */
	{"on", "", "", USUAL, NULL, ERROR_NOT_OFFERED, "does not offer authentication"},
	{"plain", "", "", USUAL, NULL, ERROR_NOT_OFFERED, "does not offer authentication"},
};

static void split(const char *words, struct strvec *out)
{
	struct span rest = span_of(words), word;
	while ((word = span_word(&rest)).len)
		strvec_push_span(out, word);
}

static void check(const struct row *r)
{
	AUTO(strvec) offered = STRVEC_INIT;
	AUTO(strvec) refused = STRVEC_INIT;
	AUTO(mech_choice) choice = {.mech = NULL};
	AUTO(error) err = ERROR_INIT;
	split(r->offered, &offered);
	split(r->refused, &refused);
	const struct mech_situation in = {
		.wanted = r->wanted,
		.offered = &offered,
		.refused = *r->refused ? &refused : NULL,
		.protected_line = (r->has & LINE) != 0,
		.binding_available = (r->has & BINDING) != 0,
		.have_user = (r->has & USER) != 0,
		.have_authzid = (r->has & AUTHZID) != 0,
		.have_gssapi = (r->has & GSSAPI) != 0,
	};
	print_message("# %s of \"%s\"\n", r->wanted, r->offered);
	bool ok = mech_choose(&in, &choice, &err);
	assert_int_equal(ok, r->chosen != NULL);
	if (ok) {
		assert_string_equal(choice.mech->name, r->chosen);
		assert_int_equal(err.status.kind, ERROR_NONE);
		return;
	}
	assert_null(choice.mech);
	assert_int_equal(err.status.kind, r->kind);
	assert_non_null(strstr(err.status.text, r->says));
}

static void the_strongest_usable_mechanism_is_chosen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(&rows[i]);
}

static void every_stronger_one_passed_over_has_its_reason(void **state)
{
	(void)state;
	AUTO(strvec) offered = STRVEC_INIT;
	AUTO(mech_choice) choice = {.mech = NULL};
	AUTO(error) err = ERROR_INIT;
	split("PLAIN SCRAM-SHA-256-PLUS", &offered);
	const struct mech_situation in = {
		.wanted = "on", .offered = &offered, .protected_line = true, .have_user = true};
	assert_true(mech_choose(&in, &choice, &err));
	assert_string_equal(choice.mech->name, "PLAIN");
	assert_int_equal(choice.n, 4);
	assert_string_equal(choice.passed_over[0].mech->name, "SCRAM-SHA-256-PLUS");
	assert_non_null(strstr(choice.passed_over[0].why, "channel binding"));
	for (size_t i = 1; i < choice.n; i++)
		assert_string_equal(choice.passed_over[i].why, "not offered by the server");
}

static void names_are_found_without_case_and_unknown_ones_not(void **state)
{
	(void)state;
	assert_string_equal(mech_find("scram-sha-256-plus")->name, "SCRAM-SHA-256-PLUS");
	assert_null(mech_find("SCRAM"));
	assert_null(mech_find(""));
	assert_null(mech_find(NULL));
}

static void what_a_hostile_server_offers_is_shown_clean(void **state)
{
	(void)state;
	AUTO(strvec) offered = STRVEC_INIT;
	AUTO(mech_choice) choice = {.mech = NULL};
	AUTO(error) err = ERROR_INIT;
	strvec_push(&offered, "\033[2J");
	for (int i = 0; i < 1000; i++)
		strvec_push(&offered, "FILLER");
	const struct mech_situation in = {
		.wanted = "on", .offered = &offered, .protected_line = true, .have_user = true};
	assert_false(mech_choose(&in, &choice, &err));
	assert_null(strchr(err.status.text, '\033'));
	assert_true(strlen(err.status.text) < 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_strongest_usable_mechanism_is_chosen),
		cmocka_unit_test(every_stronger_one_passed_over_has_its_reason),
		cmocka_unit_test(names_are_found_without_case_and_unknown_ones_not),
		cmocka_unit_test(what_a_hostile_server_offers_is_shown_clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
