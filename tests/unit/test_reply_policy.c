/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "smtp/client/reply_policy.h"

static void make(struct reply *r, int code, const char *enhanced)
{
	*r = (struct reply){.code = code, .text = STRBUF_INIT, .lines = 1};
	strbuf_adds(&r->text, "the server's words");
	memcpy(r->enhanced, enhanced, strlen(enhanced) + 1);
}

/* Every stage with every class: 2 and 3 are not valid as failures, 4 means later, 5 is the stage's refusal. */
static const struct {
	enum reply_stage stage;
	enum error_kind refused;
	enum error_disposition disposition;
} stages[] = {
	{STAGE_GREETING, ERROR_SERVER_REFUSES, DISPOSITION_PERMANENT},
	{STAGE_EHLO, ERROR_SERVER_REFUSES, DISPOSITION_PERMANENT},
	{STAGE_STARTTLS, ERROR_SERVER_REFUSES, DISPOSITION_PERMANENT},
	{STAGE_AUTH, ERROR_AUTH_REFUSED, DISPOSITION_FIX},
	{STAGE_MAIL, ERROR_SENDER_REFUSED, DISPOSITION_PERMANENT},
	{STAGE_RCPT, ERROR_RECIPIENT_REFUSED, DISPOSITION_PERMANENT},
	{STAGE_DATA, ERROR_MESSAGE_REFUSED, DISPOSITION_PERMANENT},
	{STAGE_FINAL, ERROR_MESSAGE_REFUSED, DISPOSITION_PERMANENT},
};

static void stage_and_class_decide(void **state)
{
	(void)state;
	assert_int_equal(ARRAY_SIZE(stages), STAGE_FINAL + 1);
	for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
		for (int class_ = 2; class_ <= 5; class_++) {
			AUTO(reply) r;
			AUTO(error) err = ERROR_INIT;
			make(&r, class_ * 100 + 50, "");
			reply_policy_error(stages[i].stage, &r, &err);
			enum error_kind wanted = class_ < 4    ? ERROR_PROTOCOL
						 : class_ == 4 ? ERROR_SERVER_TEMPORARY
							       : stages[i].refused;
			assert_int_equal(err.status.kind, wanted);
			assert_int_equal(err.status.code, r.code);
			assert_string_equal(err.status.server.line, "the server's words");
			assert_non_null(err.status.text);
			if (class_ == 5)
				assert_int_equal(error_kind_disposition(err.status.kind), stages[i].disposition);
			if (class_ == 4)
				assert_int_equal(error_kind_disposition(err.status.kind), DISPOSITION_RETRY);
		}
	}
}

static void single_codes_mean_more(void **state)
{
	static const struct {
		enum reply_stage stage;
		int code;
		const char *enhanced;
		enum error_kind kind;
		int status;
	} rows[] = {
		{STAGE_GREETING, 421, "", ERROR_SERVER_TEMPORARY, 75},
		{STAGE_GREETING, 554, "", ERROR_SERVER_REFUSES, 69},
		{STAGE_STARTTLS, 454, "", ERROR_SERVER_TEMPORARY, 75},
		{STAGE_STARTTLS, 501, "", ERROR_SERVER_REFUSES, 69},
		{STAGE_AUTH, 454, "4.7.0", ERROR_SERVER_TEMPORARY, 75},
		{STAGE_AUTH, 432, "4.7.12", ERROR_SERVER_TEMPORARY, 75},
		{STAGE_AUTH, 535, "5.7.8", ERROR_AUTH_REFUSED, 77},
		{STAGE_AUTH, 535, "5.7.139", ERROR_AUTH_REFUSED, 77},
		{STAGE_AUTH, 534, "5.7.9", ERROR_AUTH_REFUSED, 77},
		{STAGE_AUTH, 538, "", ERROR_AUTH_REFUSED, 77},
		{STAGE_AUTH, 530, "5.7.0", ERROR_AUTH_REFUSED, 77},
		{STAGE_AUTH, 554, "5.7.8", ERROR_AUTH_REFUSED, 77},
		{STAGE_AUTH, 500, "", ERROR_NO_MECHANISM, 69},
		{STAGE_AUTH, 501, "5.7.8", ERROR_NO_MECHANISM, 69},
		{STAGE_AUTH, 504, "5.7.4", ERROR_NO_MECHANISM, 69},
		{STAGE_MAIL, 552, "", ERROR_TOO_BIG, 65},
		{STAGE_MAIL, 550, "5.3.4", ERROR_TOO_BIG, 65},
		{STAGE_MAIL, 552, "5.3.4", ERROR_TOO_BIG, 65},
		{STAGE_MAIL, 452, "4.3.1", ERROR_SERVER_TEMPORARY, 75},
		{STAGE_MAIL, 530, "5.7.0", ERROR_AUTH_REFUSED, 77},
		{STAGE_MAIL, 555, "", ERROR_SERVER_REFUSES, 69},
		{STAGE_MAIL, 550, "5.7.1", ERROR_SENDER_REFUSED, 77},
		{STAGE_MAIL, 553, "", ERROR_SENDER_REFUSED, 77},
		{STAGE_RCPT, 550, "5.1.1", ERROR_RECIPIENT_REFUSED, 67},
		{STAGE_RCPT, 550, "", ERROR_RECIPIENT_REFUSED, 67},
		{STAGE_RCPT, 553, "", ERROR_RECIPIENT_REFUSED, 67},
		{STAGE_RCPT, 554, "5.7.1", ERROR_RECIPIENT_REFUSED, 67},
		{STAGE_RCPT, 530, "", ERROR_AUTH_REFUSED, 77},
		{STAGE_RCPT, 450, "4.2.0", ERROR_SERVER_TEMPORARY, 75},
		{STAGE_RCPT, 452, "4.5.3", ERROR_SERVER_TEMPORARY, 75},
		{STAGE_DATA, 554, "", ERROR_MESSAGE_REFUSED, 65},
		{STAGE_DATA, 451, "", ERROR_SERVER_TEMPORARY, 75},
		{STAGE_FINAL, 552, "5.3.4", ERROR_MESSAGE_REFUSED, 65},
		{STAGE_FINAL, 550, "5.7.1", ERROR_MESSAGE_REFUSED, 65},
		{STAGE_FINAL, 451, "", ERROR_SERVER_TEMPORARY, 75},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(reply) r;
		AUTO(error) err = ERROR_INIT;
		make(&r, rows[i].code, rows[i].enhanced);
		reply_policy_error(rows[i].stage, &r, &err);
		if (err.status.kind != rows[i].kind || error_kind_exit_status(err.status.kind) != rows[i].status)
			fail_msg("stage %d, %d %s: %s, %d", (int)rows[i].stage, rows[i].code, rows[i].enhanced,
				 error_kind_name(err.status.kind), error_kind_exit_status(err.status.kind));
		assert_string_equal(err.status.enhanced, rows[i].enhanced);
	}
}

/* "7." matches 5.7.x, not 5.71.x or 5.17.x: the hint about relaying shows which row applied. */
static void an_enhanced_code_fits_by_its_parts(void **state)
{
	static const struct {
		const char *enhanced;
		bool relaying;
	} rows[] = {{"5.7.1", true}, {"5.7.64", true}, {"5.71.1", false}, {"5.1.7", false}, {"", false}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(reply) r;
		AUTO(error) err = ERROR_INIT;
		make(&r, 550, rows[i].enhanced);
		reply_policy_error(STAGE_RCPT, &r, &err);
		assert_int_equal(strstr(err.status.hint, "relaying") != NULL, rows[i].relaying);
	}
}

/* The codes that the RFCs of the extensions define, and similar ones. */
static void refusals_of_what_was_asked(void **state)
{
	static const struct {
		enum reply_stage stage;
		int code;
		const char *enhanced;
		enum error_kind kind;
		const char *says;
	} rows[] = {
		{STAGE_MAIL, 550, "5.7.30", ERROR_NOT_OFFERED, "require_tls"},
		{STAGE_RCPT, 550, "5.7.30", ERROR_RECIPIENT_REFUSED, "require_tls"},
		{STAGE_FINAL, 550, "5.7.30", ERROR_MESSAGE_REFUSED, "require_tls"},
		{STAGE_MAIL, 550, "5.7.3", ERROR_SENDER_REFUSED, "sender"},
		{STAGE_MAIL, 530, "5.7.10", ERROR_SERVER_REFUSES, "TLS"},
		{STAGE_MAIL, 530, "5.7.0", ERROR_AUTH_REFUSED, "authentication"},
		{STAGE_MAIL, 550, "5.7.1", ERROR_SENDER_REFUSED, "sender"},
		{STAGE_MAIL, 550, "5.7.15", ERROR_SERVER_REFUSES, "priority"},
		{STAGE_MAIL, 450, "4.7.15", ERROR_SERVER_TEMPORARY, "deferred the message"},
		{STAGE_MAIL, 552, "5.7.16", ERROR_TOO_BIG, "too big for its priority"},
		{STAGE_MAIL, 552, "5.3.4", ERROR_TOO_BIG, "too big for this server"},
		{STAGE_MAIL, 555, "5.5.4", ERROR_SERVER_REFUSES, "none was sent"},
		{STAGE_MAIL, 504, "", ERROR_SERVER_REFUSES, "none was sent"},
		{STAGE_MAIL, 500, "", ERROR_SERVER_REFUSES, "this command"},
		{STAGE_MAIL, 502, "5.5.1", ERROR_SERVER_REFUSES, "this command"},
		{STAGE_MAIL, 503, "5.5.1", ERROR_SERVER_REFUSES, "this command now"},
		{STAGE_RCPT, 504, "", ERROR_RECIPIENT_REFUSED, "none was sent"},
		{STAGE_RCPT, 555, "5.5.4", ERROR_RECIPIENT_REFUSED, "none was sent"},
		{STAGE_MAIL, 501, "5.1.7", ERROR_SENDER_REFUSED, "sender"},
		{STAGE_MAIL, 501, "", ERROR_SENDER_REFUSED, "sender"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(reply) r;
		AUTO(error) err = ERROR_INIT;
		make(&r, rows[i].code, rows[i].enhanced);
		reply_policy_error(rows[i].stage, &r, &err);
		if (err.status.kind != rows[i].kind || !strstr(err.status.text, rows[i].says))
			fail_msg("%d %s: %s, \"%s\"", rows[i].code, rows[i].enhanced, error_kind_name(err.status.kind),
				 err.status.text);
	}
}

static void only_a_refused_mechanism_lets_the_next_be_tried(void **state)
{
	(void)state;
	for (int code = 200; code < 600; code++) {
		AUTO(reply) r;
		make(&r, code, "");
		assert_int_equal(reply_policy_try_next_mechanism(&r), code >= 500 && code <= 504);
	}
}

static void a_refused_token_may_be_renewed_unless_a_rule_refused_it(void **state)
{
	(void)state;
	static const struct {
		int code;
		const char *enhanced, *words;
		bool renewed;
	} rows[] = {
		{535, "5.7.8", "Username and Password not accepted", true},
		{535, "5.7.3", "Authentication unsuccessful", true},
		{535, "", "no", true},
		{535, "5.7.139", "Authentication unsuccessful", false},
		{535, "5.7.3", "smtpclientauthentication is disabled for the Mailbox", false},
		{535, "5.7.3", "basic authentication is disabled", false},
		{550, "5.7.30", "Basic authentication is not supported", false},
		{534, "5.7.9", "Application-specific password required", false},
		{501, "5.5.4", "no", false},
		{454, "4.7.0", "later", false},
		{421, "4.7.0", "later", false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(reply) r;
		make(&r, rows[i].code, rows[i].enhanced);
		strbuf_adds(&r.text, rows[i].words);
		assert_int_equal(reply_policy_try_renewed(&r), rows[i].renewed);
	}
}

static void a_missing_client_certificate_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *words;
		bool named;
	} rows[] = {{"4.7.0 No client certificate presented", true},
		    {"CLIENT CERTIFICATE required", true},
		    {"the client", false},
		    {"certificate of the client", false},
		    {"", false}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (enum reply_stage stage = STAGE_GREETING; stage <= STAGE_ETRN; stage++) {
			for (int code = 421; code <= 554; code += 133) {
				AUTO(reply) r = {.code = code, .text = STRBUF_INIT, .lines = 1};
				AUTO(error) err = ERROR_INIT;
				strbuf_adds(&r.text, rows[i].words);
				reply_policy_error(stage, &r, &err);
				bool named = err.status.hint && strstr(err.status.hint, "tls_cert_file");
				assert_int_equal(named, rows[i].named);
			}
		}
	}
}

static void too_many_recipients(void **state)
{
	static const struct {
		int code;
		const char *enhanced;
		size_t before;
		bool too_many;
	} rows[] = {
		{452, "", 1, true},	  {452, "", 0, false},	   {552, "", 1, true},	     {552, "", 0, false},
		{452, "4.5.3", 0, true},  {552, "5.5.3", 9, true}, {452, "4.2.2", 9, false}, {552, "5.2.2", 9, false},
		{550, "5.5.3", 9, false}, {450, "", 9, false},	   {550, "", 9, false},	     {552, "5.5.30", 1, false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(reply) r;
		make(&r, rows[i].code, rows[i].enhanced);
		assert_int_equal(reply_policy_too_many_recipients(&r, rows[i].before), rows[i].too_many);
	}
}

static void control_characters_of_the_server_are_cleaned(void **state)
{
	(void)state;
	AUTO(reply) r;
	AUTO(error) err = ERROR_INIT;
	make(&r, 550, "");
	strbuf_adds(&r.text, " \x1b[2J\nsecond line");
	reply_policy_error(STAGE_RCPT, &r, &err);
	assert_null(strchr(err.status.server.line, '\x1b'));
	assert_null(strchr(err.status.server.line, '\n'));
	assert_non_null(strstr(err.status.server.line, "second line"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stage_and_class_decide),
		cmocka_unit_test(single_codes_mean_more),
		cmocka_unit_test(an_enhanced_code_fits_by_its_parts),
		cmocka_unit_test(refusals_of_what_was_asked),
		cmocka_unit_test(only_a_refused_mechanism_lets_the_next_be_tried),
		cmocka_unit_test(a_refused_token_may_be_renewed_unless_a_rule_refused_it),
		cmocka_unit_test(a_missing_client_certificate_is_named),
		cmocka_unit_test(too_many_recipients),
		cmocka_unit_test(control_characters_of_the_server_are_cleaned),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
