/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/mail_params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include "smtp/client/negotiate.h"

#define ALL "DELIVERBY\nFUTURERELEASE\nMT-PRIORITY\nREQUIRETLS\nAUTH PLAIN"

static char mailbox[] = "joe@example.org", odd[] = "a+b=c d@example.org", evil[] = "a\r\nRSET @example.org",
	    nobody[] = "";

static const struct row {
	struct mail_params wanted;
	const char *offered; /* EHLO keywords */
	bool verified;
	const char *written; /* NULL: refused ... */
	enum error_kind kind;
	const char *says[2]; /* ... with these words */
} rows[] = {
	/* nothing is asked for: nothing is written */
	{{.by_seconds = 5, .priority = 3}, ALL, true, "", ERROR_NONE, {NULL}},
	{{.by_seconds = 5}, "", false, "", ERROR_NONE, {NULL}},
	/* DELIVERBY */
	{{.deliver_by = true, .by_seconds = 120}, "DELIVERBY", false, " BY=120;R", ERROR_NONE, {NULL}},
	{{.deliver_by = true, .by_seconds = 120, .by_mode = BY_NOTIFY},
	 "DELIVERBY",
	 false,
	 " BY=120;N",
	 ERROR_NONE,
	 {NULL}},
	{{.deliver_by = true, .by_seconds = 120, .by_trace = true},
	 "DELIVERBY 120",
	 false,
	 " BY=120;RT",
	 ERROR_NONE,
	 {NULL}},
	{{.deliver_by = true, .by_seconds = -5, .by_mode = BY_NOTIFY, .by_trace = true},
	 "DELIVERBY 240",
	 false,
	 " BY=-5;NT",
	 ERROR_NONE,
	 {NULL}},
	{{.deliver_by = true, .by_seconds = 999999999}, "DELIVERBY 240", false, " BY=999999999;R", ERROR_NONE, {NULL}},
	{{.deliver_by = true, .by_seconds = 239}, "DELIVERBY 240", false, NULL, ERROR_NOT_OFFERED, {"239", "240"}},
	{{.deliver_by = true, .by_seconds = 120},
	 "MT-PRIORITY",
	 false,
	 NULL,
	 ERROR_NOT_OFFERED,
	 {"deliver_by", "DELIVERBY"}},
	/* FUTURERELEASE */
	{{.hold_for = 60}, "FUTURERELEASE", false, " HOLDFOR=60", ERROR_NONE, {NULL}},
	{{.hold_for = 86400}, "FUTURERELEASE 86400 2027-01-15T08:00:00Z", false, " HOLDFOR=86400", ERROR_NONE, {NULL}},
	{{.hold_for = 86401},
	 "FUTURERELEASE 86400 2027-01-15T08:00:00Z",
	 false,
	 NULL,
	 ERROR_CANNOT_HOLD,
	 {"86401", "86400"}},
	{{.hold_until = 1800000000}, "FUTURERELEASE", false, " HOLDUNTIL=2027-01-15T08:00:00Z", ERROR_NONE, {NULL}},
	{{.hold_until = 1800000000},
	 "FUTURERELEASE 1 2027-01-15T08:00:00Z",
	 false,
	 " HOLDUNTIL=2027-01-15T08:00:00Z",
	 ERROR_NONE,
	 {NULL}},
	{{.hold_until = 1800000001},
	 "FUTURERELEASE 1 2027-01-15T08:00:00Z",
	 false,
	 NULL,
	 ERROR_CANNOT_HOLD,
	 {"2027-01-15T08:00:01Z", "2027-01-15T08:00:00Z"}},
	{{.hold_until = 1800000000},
	 "FUTURERELEASE 1 soon",
	 false,
	 " HOLDUNTIL=2027-01-15T08:00:00Z",
	 ERROR_NONE,
	 {NULL}},
	{{.hold_for = 60}, "DELIVERBY", false, NULL, ERROR_CANNOT_HOLD, {"hold_for", "FUTURERELEASE"}},
	{{.hold_until = 1800000000}, "", false, NULL, ERROR_CANNOT_HOLD, {"--hold-until", "FUTURERELEASE"}},
	/* MT-PRIORITY is dropped */
	{{.has_priority = true, .priority = -9}, "MT-PRIORITY MIXER", false, " MT-PRIORITY=-9", ERROR_NONE, {NULL}},
	{{.has_priority = true}, "MT-PRIORITY", false, " MT-PRIORITY=0", ERROR_NONE, {NULL}},
	{{.has_priority = true, .priority = 4}, "", false, "", ERROR_NONE, {NULL}},
	/* REQUIRETLS */
	{{.require_tls = true}, "REQUIRETLS", true, " REQUIRETLS", ERROR_NONE, {NULL}},
	{{.require_tls = true}, "REQUIRETLS", false, NULL, ERROR_TLS_UNVERIFIED, {"require_tls", "verified TLS"}},
	{{.require_tls = true}, "", true, NULL, ERROR_NO_REQUIRETLS, {"require_tls", "REQUIRETLS"}},
	{{.require_tls = true}, "", false, NULL, ERROR_TLS_UNVERIFIED, {"require_tls", "verified TLS"}},
	/* without the text of its message, a report may do without the parameter, but not without verified TLS */
	{{.require_tls = true, .redacted = true}, "REQUIRETLS", true, " REQUIRETLS", ERROR_NONE, {NULL}},
	{{.require_tls = true, .redacted = true}, "", true, "", ERROR_NONE, {NULL}},
	{{.require_tls = true, .redacted = true}, "", false, NULL, ERROR_TLS_UNVERIFIED, {"verified TLS", ""}},
	/* AUTH= */
	{{.auth = mailbox}, "AUTH PLAIN", false, " AUTH=joe@example.org", ERROR_NONE, {NULL}},
	{{.auth = mailbox}, "AUTH=LOGIN", false, " AUTH=joe@example.org", ERROR_NONE, {NULL}},
	{{.auth = nobody}, "AUTH", false, " AUTH=<>", ERROR_NONE, {NULL}},
	{{.auth = odd}, "AUTH", false, " AUTH=a+2Bb+3Dc+20d@example.org", ERROR_NONE, {NULL}},
	{{.auth = evil}, "AUTH", false, " AUTH=a+0D+0ARSET+20@example.org", ERROR_NONE, {NULL}},
	{{.auth = mailbox}, "DELIVERBY", false, "", ERROR_NONE, {NULL}},
	/* all of it */
	{{.deliver_by = true,
	  .by_seconds = 99999,
	  .hold_for = 7,
	  .has_priority = true,
	  .priority = 9,
	  .require_tls = true,
	  .auth = mailbox},
	 ALL,
	 true,
	 " AUTH=joe@example.org BY=99999;R HOLDFOR=7 MT-PRIORITY=9 REQUIRETLS",
	 ERROR_NONE,
	 {NULL}},
};

static void offer(struct caps *caps, const char *keywords)
{
	AUTO(reply) r = {.code = 250, .text = STRBUF_INIT};
	strbuf_addf(&r.text, "srv\n%s", keywords);
	caps_from_reply(caps, &r);
}

static void asked_and_offered(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		AUTO(caps) caps = CAPS_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO(strbuf) out = STRBUF_INIT;
		struct negotiated_params negotiated = {.deliver_by = false};
		enum mail_tls tls = row->verified ? MAIL_TLS_VERIFIED : MAIL_TLS_UNVERIFIED;
		offer(&caps, row->offered);
		bool fine = mail_params_agree(&row->wanted, &caps, tls, &negotiated, &err);
		mail_params_write(&row->wanted, &negotiated, &out); /* unchanged on refusal */
		if (fine != (row->written != NULL) || err.status.kind != row->kind ||
		    strcmp(out.buf, fine ? row->written : "") != 0)
			fail_msg("row %zu, \"%s\": \"%s\", %s", i, row->offered, out.buf,
				 err.status.text ? err.status.text : "no error");
		for (size_t w = 0; w < 2 && row->says[w]; w++)
			if (!strstr(err.status.text, row->says[w]))
				fail_msg("\"%s\" does not say \"%s\"", err.status.text, row->says[w]);
		assert_int_equal(err.status.hint != NULL, !fine);
	}
}

/* What can be checked before connecting. */
static void the_line_alone(void **state)
{
	(void)state;
	struct mail_params none = {.has_priority = true}, tls = {.require_tls = true},
			   report = {.require_tls = true, .redacted = true};
	AUTO(error) err = ERROR_INIT;
	assert_true(mail_params_check_tls(&none, MAIL_TLS_UNVERIFIED, &err));
	assert_true(mail_params_check_tls(&tls, MAIL_TLS_VERIFIED, &err));
	assert_int_equal(err.status.kind, ERROR_NONE);
	assert_false(mail_params_check_tls(&tls, MAIL_TLS_UNVERIFIED, &err));
	assert_int_equal(err.status.kind, ERROR_TLS_UNVERIFIED);
	assert_non_null(strstr(err.status.hint, "tls_certcheck"));
	assert_false(mail_params_check_tls(&tls, MAIL_TLS_PINNED, &err));
	assert_int_equal(err.status.kind, ERROR_TLS_UNVERIFIED);
	assert_non_null(strstr(err.status.text, "by its fingerprint"));
	assert_non_null(strstr(err.status.hint, "tls_fingerprint"));
	assert_false(mail_params_check_tls(&report, MAIL_TLS_PINNED, &err));
}

static void only_what_is_wanted_is_worth_a_second_ehlo(void **state)
{
	static const struct {
		struct mail_params wanted;
		unsigned needs;
	} needs[] = {
		{{.by_seconds = 1}, 0},
		{{.deliver_by = true}, CAP_DELIVERBY},
		{{.hold_for = 1}, CAP_FUTURERELEASE},
		{{.hold_until = 1}, CAP_FUTURERELEASE},
		{{.has_priority = true}, CAP_MT_PRIORITY},
		{{.require_tls = true}, CAP_REQUIRETLS},
		{{.auth = nobody}, 0},
		{{.deliver_by = true, .hold_for = 1, .has_priority = true, .require_tls = true},
		 CAP_DELIVERBY | CAP_FUTURERELEASE | CAP_MT_PRIORITY | CAP_REQUIRETLS},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		const struct envelope env = {.mail.sender = {mailbox, mailbox}, .mail.params = needs[i].wanted};
		const struct mail_transaction mail = {.env = &env};
		assert_int_equal(mail_params_needs(&needs[i].wanted), needs[i].needs);
		assert_int_equal(negotiate_needs(&mail), needs[i].needs);
	}
}

static void what_is_reported(void **state)
{
	static const struct {
		struct negotiated_params negotiated;
		const char *used;
		size_t warnings;
	} reports[] = {
		{{.auth = true}, "", 0},
		{{.deliver_by = true, .hold = true}, "DELIVERBY FUTURERELEASE", 0},
		{{.priority = true, .require_tls = true}, "MT-PRIORITY REQUIRETLS", 0},
		{{.priority_dropped = true}, "", 1},
		{{.require_tls_dropped = true}, "", 1},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(reports); i++) {
		AUTO(strvec) used = STRVEC_INIT;
		AUTO(strvec) warnings = STRVEC_INIT;
		mail_params_used(&reports[i].negotiated, &used);
		mail_params_warn(&reports[i].negotiated, &warnings);
		AUTO_FREE char *names = strvec_join(&used, " ");
		assert_string_equal(names, reports[i].used);
		assert_int_equal(warnings.n, reports[i].warnings);
	}
}

/* negotiate() includes them in its result. */
static void negotiate_takes_them_along(void **state)
{
	(void)state;
	const struct envelope env = {.mail.sender = {mailbox, mailbox},
				     .mail.params = {.require_tls = true, .deliver_by = true, .by_seconds = 9}};
	struct mail_transaction mail = {.env = &env, .tls = MAIL_TLS_VERIFIED};
	AUTO(caps) caps = CAPS_INIT;
	AUTO(error) err = ERROR_INIT;
	struct negotiated negotiated = {.size = false};
	offer(&caps, "REQUIRETLS\nDELIVERBY 9");
	assert_true(negotiate(&mail, &caps, &negotiated, &err));
	assert_true(negotiated.params.require_tls && negotiated.params.deliver_by && !negotiated.params.hold);
	mail.tls = MAIL_TLS_UNVERIFIED;
	assert_false(negotiate(&mail, &caps, &negotiated, &err));
	assert_int_equal(err.status.kind, ERROR_TLS_UNVERIFIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked_and_offered),
		cmocka_unit_test(the_line_alone),
		cmocka_unit_test(only_what_is_wanted_is_worth_a_second_ehlo),
		cmocka_unit_test(what_is_reported),
		cmocka_unit_test(negotiate_takes_them_along),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
