/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/mech_choose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define ALL                                                                                                           \
	"SCRAM-SHA-512-PLUS SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS SCRAM-SHA-512 SCRAM-SHA-256 SCRAM-SHA-1 PLAIN LOGIN " \
	"CRAM-MD5 DIGEST-MD5 NTLM GSSAPI GS2-KRB5 EXTERNAL ANONYMOUS OAUTHBEARER XOAUTH2"

enum {
	LINE = 1,
	BINDING = 2,
	USER = 4,
	KERBEROS = 8, /* libgsasl has it */
	AUTHZID = 16,
	PASSWORD = 32,
	TICKET = 64,
	OAUTH = 128,
	SHA512 = 256, /* libgsasl has it */
	REQUIRE = 512,
	OFF = 1024,
	USUAL = LINE | USER | KERBEROS | PASSWORD
};

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
	/* SHA-512 first, where libgsasl has it */
	{"on", ALL, "", USUAL | BINDING | SHA512, "SCRAM-SHA-512-PLUS", 0, NULL},
	{"on", ALL, "", USUAL | SHA512, "SCRAM-SHA-512", 0, NULL},
	{"scram-sha-512", ALL, "", USUAL, NULL, ERROR_NO_MECHANISM, "libgsasl was built without"},
	{"scram-sha-512", ALL, "", USUAL | SHA512, "SCRAM-SHA-512", 0, NULL},
	/* Kerberos only with a ticket and without a password; what needs a password comes later */
	{"on", ALL, "", USER | KERBEROS | LINE | TICKET | BINDING, "GSSAPI", 0, NULL},
	{"on", "SCRAM-SHA-256-PLUS GS2-KRB5 PLAIN", "", USER | KERBEROS | LINE | TICKET | BINDING, "GS2-KRB5", 0, NULL},
	{"on", ALL, "gssapi", USER | KERBEROS | LINE | TICKET, "GS2-KRB5", 0, NULL},
	{"on", ALL, "GSSAPI GS2-KRB5", USER | KERBEROS | LINE | TICKET | BINDING, "SCRAM-SHA-256-PLUS", 0, NULL},
	{"on", "PLAIN", "", USER | KERBEROS | LINE | TICKET, "PLAIN", 0, NULL},
	{"on", ALL, "", USUAL | TICKET, "SCRAM-SHA-256", 0, NULL},
	{"on", ALL, "", USER | KERBEROS | LINE, "SCRAM-SHA-256", 0, NULL},
	{"on", ALL, "", USER | LINE | TICKET, "SCRAM-SHA-256", 0, NULL},
	{"on", "GSSAPI GS2-KRB5", "", USUAL | TICKET, NULL, ERROR_NO_MECHANISM,
	 "GSSAPI: used only when set by name, or without"},
	{"on", "GSSAPI", "", USER | KERBEROS | LINE, NULL, ERROR_NO_MECHANISM, "GSSAPI: there is no Kerberos ticket"},
	/* a token is no password */
	{"on", ALL, "", USUAL | BINDING | OAUTH, "OAUTHBEARER", 0, NULL},
	{"on", "XOAUTH2 PLAIN", "", USUAL | OAUTH, "XOAUTH2", 0, NULL},
	{"on", "PLAIN LOGIN SCRAM-SHA-256", "", USUAL | OAUTH, NULL, ERROR_NO_MECHANISM,
	 "PLAIN: the account logs in by OAuth2"},
	{"plain", ALL, "", USUAL | OAUTH, "PLAIN", 0, NULL},
	/* channel binding */
	{"on", ALL, "", USUAL | BINDING | REQUIRE, "SCRAM-SHA-256-PLUS", 0, NULL},
	{"on", "SCRAM-SHA-256 PLAIN", "", USUAL | BINDING | REQUIRE, NULL, ERROR_NO_MECHANISM,
	 "SCRAM-SHA-256: has no channel binding"},
	{"on", ALL, "", USUAL | REQUIRE, NULL, ERROR_NO_MECHANISM, "which this connection does not have"},
	{"on", ALL, "SCRAM-SHA-256-PLUS SCRAM-SHA-1-PLUS", USUAL | BINDING | REQUIRE, NULL, ERROR_NO_MECHANISM,
	 "PLAIN: has no channel binding"},
	{"on", ALL, "", LINE | USER | KERBEROS | TICKET | REQUIRE, NULL, ERROR_NO_MECHANISM, "GSSAPI: has no channel"},
	{"plain", ALL, "", USUAL | BINDING | REQUIRE, NULL, ERROR_NO_MECHANISM, "PLAIN: has no channel binding"},
	{"on", ALL, "", USUAL | BINDING | OFF, "SCRAM-SHA-256", 0, NULL},
	{"on", "SCRAM-SHA-256-PLUS", "", USUAL | BINDING | OFF, NULL, ERROR_NO_MECHANISM,
	 "auth_channel_binding is off"},
	{"scram-sha-1-plus", ALL, "", USUAL | BINDING | OFF, NULL, ERROR_NO_MECHANISM, "auth_channel_binding is off"},
	{"on", "plain", "", USUAL, "PLAIN", 0, NULL},
	{"on", "PLAIN LOGIN", "PLAIN", USUAL, "LOGIN", 0, NULL},
	{"on", "PLAIN LOGIN", "PLAIN LOGIN", USUAL, NULL, ERROR_NO_MECHANISM, "already refused"},
	/* never automatically */
	{"on", "CRAM-MD5", "", USUAL | BINDING, NULL, ERROR_NO_MECHANISM, "CRAM-MD5: used only when set by name"},
	{"on", "DIGEST-MD5 NTLM GSSAPI EXTERNAL OAUTHBEARER XOAUTH2", "", USUAL | BINDING, NULL, ERROR_NO_MECHANISM,
	 "used only when set by name"},
	{"on", "ANONYMOUS", "", USUAL, NULL, ERROR_NO_MECHANISM, "ANONYMOUS: used only when set by name"},
	{"on", "KERBEROS_V4", "", USUAL, NULL, ERROR_NO_MECHANISM, "KERBEROS_V4"},
	/* without protection no password is shown, and no silent fall from SCRAM to PLAIN happens */
	{"on", ALL, "", USER, "SCRAM-SHA-256", 0, NULL},
	{"on", ALL, "SCRAM-SHA-256 SCRAM-SHA-1", USER, NULL, ERROR_NO_MECHANISM, "PLAIN: would reveal the password"},
	{"on", "PLAIN LOGIN CRAM-MD5", "", USER, NULL, ERROR_NO_MECHANISM, "LOGIN: would reveal the password"},
	{"plain", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "would reveal the password"},
	{"login", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "would reveal the password"},
	{"xoauth2", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "would reveal the password"},
	{"oauthbearer", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "would reveal the password"},
	{"cram-md5", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "needs a protected connection"},
	{"digest-md5", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "needs a protected connection"},
	{"ntlm", ALL, "", USER, NULL, ERROR_NO_MECHANISM, "needs a protected connection"},
	{"scram-sha-256", ALL, "", USER, "SCRAM-SHA-256", 0, NULL},
	{"external", ALL, "", 0, "EXTERNAL", 0, NULL},
	{"gssapi", ALL, "", KERBEROS, "GSSAPI", 0, NULL},
	{"gs2-krb5", ALL, "", KERBEROS | PASSWORD, "GS2-KRB5", 0, NULL},
	{"anonymous", ALL, "", 0, "ANONYMOUS", 0, NULL},
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
	{"gs2-krb5", ALL, "", LINE | USER, NULL, ERROR_NO_MECHANISM, "libgsasl"},
	{"nonsense", ALL, "", USUAL, NULL, ERROR_CONFIG, "nonsense"},
	/* an identity to act as is not left out silently */
	{"on", "PLAIN LOGIN CRAM-MD5", "", USUAL | AUTHZID, "PLAIN", 0, NULL},
	{"on", "LOGIN CRAM-MD5", "", USUAL | AUTHZID, NULL, ERROR_NO_MECHANISM, "LOGIN: cannot transmit authzid"},
	{"xoauth2", ALL, "", USUAL | AUTHZID, NULL, ERROR_NO_MECHANISM, "cannot transmit authzid"},
	{"anonymous", ALL, "", USUAL | AUTHZID, NULL, ERROR_NO_MECHANISM, "cannot transmit authzid"},
	{"gs2-krb5", ALL, "", USUAL | AUTHZID, "GS2-KRB5", 0, NULL},
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

static unsigned library;

static bool supported(const char *name)
{
	if (span_starts_nocase(span_of(name), "SCRAM-SHA-512"))
		return library & SHA512;
	return strcmp(name, "NTLM") == 0 || library & KERBEROS;
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
		.have_password = (r->has & PASSWORD) != 0,
		.have_ticket = (r->has & TICKET) != 0,
		.have_oauth = (r->has & OAUTH) != 0,
		.binding = r->has & REQUIRE ? MECH_BINDING_REQUIRE
			   : r->has & OFF   ? MECH_BINDING_OFF
					    : MECH_BINDING_AUTO,
		.supported = supported,
	};
	library = r->has;
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
	const struct mech_situation in = {.wanted = "on",
					  .offered = &offered,
					  .protected_line = true,
					  .binding = MECH_BINDING_AUTO,
					  .have_user = true};
	assert_true(mech_choose(&in, &choice, &err));
	assert_string_equal(choice.mech->name, "PLAIN");
	assert_int_equal(choice.n, 8);
	for (size_t i = 0; i < choice.n; i++)
		if (strcmp(choice.passed_over[i].mech->name, "SCRAM-SHA-256-PLUS") == 0)
			assert_non_null(strstr(choice.passed_over[i].why, "channel binding"));
		else
			assert_string_equal(choice.passed_over[i].why, "not offered by the server");
}

static void a_survey_has_every_mechanism_offered(void **state)
{
	(void)state;
	AUTO(strvec) offered = STRVEC_INIT;
	AUTO(mech_choice) choice = {.mech = NULL};
	AUTO(strbuf) text = STRBUF_INIT;
	split("LOGIN plain SCRAM-SHA-1 NTLM OWN", &offered);
	struct mech_situation in = {.wanted = "on",
				    .offered = &offered,
				    .protected_line = true,
				    .binding = MECH_BINDING_AUTO,
				    .have_user = true};
	mech_survey(&in, &choice);
	assert_string_equal(choice.mech->name, "SCRAM-SHA-1");
	assert_int_equal(choice.n, 3);
	mech_choice_format(&choice, &text);
	assert_string_equal(text.buf, "PLAIN: not needed; LOGIN: not needed; NTLM: used only when set by name");
	in.wanted = "login";
	mech_survey(&in, &choice);
	assert_string_equal(choice.mech->name, "LOGIN");
	assert_int_equal(choice.n, 3);
	in.wanted = "external";
	mech_survey(&in, &choice);
	assert_null(choice.mech);
	assert_int_equal(choice.n, 4);
}

static void what_failed_here_is_not_tried_again(void **state)
{
	(void)state;
	AUTO(strvec) offered = STRVEC_INIT;
	AUTO(strvec) failed = STRVEC_INIT;
	AUTO(mech_choice) choice = {.mech = NULL};
	AUTO(error) err = ERROR_INIT;
	split("PLAIN SCRAM-SHA-1", &offered);
	strvec_push(&failed, "SCRAM-SHA-1");
	const struct mech_situation in = {.wanted = "on",
					  .offered = &offered,
					  .failed = &failed,
					  .protected_line = true,
					  .binding = MECH_BINDING_AUTO,
					  .have_user = true};
	assert_true(mech_choose(&in, &choice, &err));
	assert_string_equal(choice.mech->name, "PLAIN");
	strvec_push(&failed, "PLAIN");
	assert_false(mech_choose(&in, &choice, &err));
	assert_non_null(strstr(err.status.text, "PLAIN: already failed on this connection"));
}

/* Required and not to be had: the text says what may be wrong, and what to do. */
static void a_lost_binding_has_its_cure(void **state)
{
	(void)state;
	static const struct {
		bool available;
		const char *says;
	} cases[] = {{true, "something on the way ends the TLS connection"}, {false, "TLS 1.3"}};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strvec) offered = STRVEC_INIT;
		AUTO(mech_choice) choice = {.mech = NULL};
		AUTO(error) err = ERROR_INIT;
		split("PLAIN SCRAM-SHA-256", &offered);
		const struct mech_situation in = {.wanted = "on",
						  .offered = &offered,
						  .protected_line = true,
						  .binding = MECH_BINDING_REQUIRE,
						  .binding_available = cases[i].available,
						  .have_user = true,
						  .have_password = true};
		assert_false(mech_choose(&in, &choice, &err));
		assert_non_null(strstr(err.status.hint, cases[i].says));
		assert_non_null(strstr(err.status.hint, "auth_channel_binding auto"));
	}
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
	const struct mech_situation in = {.wanted = "on",
					  .offered = &offered,
					  .protected_line = true,
					  .binding = MECH_BINDING_AUTO,
					  .have_user = true};
	assert_false(mech_choose(&in, &choice, &err));
	assert_null(strchr(err.status.text, '\033'));
	assert_true(strlen(err.status.text) < 600);
}

static void an_oauth_account_sends_its_token_in_no_other_way(void **state)
{
	(void)state;
	static const struct {
		const char *offered, *wanted, *chosen; /* NULL: none */
	} cases[] = {
		{"SCRAM-SHA-256 PLAIN LOGIN OAUTHBEARER XOAUTH2", "on", "OAUTHBEARER"},
		{"PLAIN XOAUTH2", "on", "XOAUTH2"},
		{"OAUTHBEARER XOAUTH2", "xoauth2", "XOAUTH2"},
		{"SCRAM-SHA-256 PLAIN LOGIN CRAM-MD5", "on", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strvec) offered = STRVEC_INIT;
		AUTO(mech_choice) choice = {.mech = NULL};
		AUTO(error) err = ERROR_INIT;
		struct span rest = span_of(cases[i].offered), word;
		while ((word = span_word(&rest)).len)
			strvec_push_span(&offered, word);
		const struct mech_situation in = {.wanted = cases[i].wanted,
						  .offered = &offered,
						  .protected_line = true,
						  .have_user = true,
						  .have_oauth = true};
		assert_int_equal(mech_choose(&in, &choice, &err), cases[i].chosen != NULL);
		if (cases[i].chosen)
			assert_string_equal(choice.mech->name, cases[i].chosen);
		else
			assert_int_equal(err.status.kind, ERROR_NO_MECHANISM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_strongest_usable_mechanism_is_chosen),
		cmocka_unit_test(every_stronger_one_passed_over_has_its_reason),
		cmocka_unit_test(a_survey_has_every_mechanism_offered),
		cmocka_unit_test(what_failed_here_is_not_tried_again),
		cmocka_unit_test(a_lost_binding_has_its_cure),
		cmocka_unit_test(names_are_found_without_case_and_unknown_ones_not),
		cmocka_unit_test(an_oauth_account_sends_its_token_in_no_other_way),
		cmocka_unit_test(what_a_hostile_server_offers_is_shown_clean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
