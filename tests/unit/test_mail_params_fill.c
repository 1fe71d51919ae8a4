/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/args.h"
#include "submit/mail_params_fill.h"

#include "smtp/mail_params.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <time.h>

/* 2027-01-15 08:00:00 UTC */
static int64_t fixed(const struct clock *clock)
{
	(void)clock;
	return INT64_C(1800000000000);
}

static const struct clock still = {.wall_ms = fixed};

#define SET 4
#define TWENTY "++++++++++++++++++++" /* three octets each in xtext */
static const struct row {
	const char *file[SET];	/* "command value" lines of the account */
	const char *flags[SET]; /* "--flag=value" */
	const char *header;
	const char *asked;    /* as MAIL would say it; NULL: refused */
	enum error_kind kind; /* ... */
	const char *says;     /* of the error, or of a warning */
} rows[] = {
	{{NULL}, {NULL}, "", "", ERROR_NONE, NULL},
	{{"deliver_by 120"}, {NULL}, "", " BY=120;R", ERROR_NONE, NULL},
	{{"deliver_by 120,notify,trace"}, {NULL}, "", " BY=120;NT", ERROR_NONE, NULL},
	{{"deliver_by 120"}, {"--deliver-by=5m"}, "", " BY=300;R", ERROR_NONE, NULL},
	{{"deliver_by 120"}, {"--deliver-by=off"}, "", "", ERROR_NONE, NULL},
	{{"hold_for 5m"}, {NULL}, "", " HOLDFOR=300", ERROR_NONE, NULL},
	{{"hold_for 5m"}, {"--hold-for=off"}, "", "", ERROR_NONE, NULL},
	{{"hold_for 5m"},
	 {"--hold-until=2027-01-15T08:00:01Z"},
	 "",
	 " HOLDUNTIL=2027-01-15T08:00:01Z",
	 ERROR_NONE,
	 NULL},
	{{NULL}, {"--hold-until=09:30"}, "", " HOLDUNTIL=2027-01-15T09:30:00Z", ERROR_NONE, NULL},
	{{NULL}, {"--hold-until=07:30"}, "", " HOLDUNTIL=2027-01-16T07:30:00Z", ERROR_NONE, NULL},
	{{NULL}, {"--hold-until=2027-01-15 10:00+01:00"}, "", " HOLDUNTIL=2027-01-15T09:00:00Z", ERROR_NONE, NULL},
	{{NULL},
	 {"--hold-until=2027-01-15T08:00:00Z"},
	 "",
	 NULL,
	 ERROR_USAGE,
	 "--hold-until: 2027-01-15T08:00:00Z has passed"},
	{{NULL}, {"--hold-until=1999-12-31T23:59"}, "", NULL, ERROR_USAGE, "--hold-until: 1999-12-31T23:59 has passed"},
	{{NULL}, {"--hold-for=999999999"}, "", " HOLDFOR=999999999", ERROR_NONE, NULL},
	{{NULL}, {"--hold-for=1000000000"}, "", NULL, ERROR_USAGE, "--hold-for: 1000000000 seconds is too long"},
	{{"hold_for 1000000000"}, {NULL}, "", NULL, ERROR_CONFIG, "rc, line 1: hold_for: 1000000000 seconds"},
	/* back before it went */
	{{"deliver_by 60"},
	 {"--hold-for=60"},
	 "",
	 NULL,
	 ERROR_CONFIG,
	 "rc, line 1: deliver_by: the message is to be delivered within"},
	{{"hold_for 60"},
	 {"--deliver-by=60"},
	 "",
	 NULL,
	 ERROR_USAGE,
	 "--deliver-by: the message is to be delivered within"},
	{{"hold_for 60"}, {"--deliver-by=61"}, "", " BY=61;R HOLDFOR=60", ERROR_NONE, NULL},
	{{"hold_for 60"}, {"--deliver-by=60,notify"}, "", NULL, ERROR_USAGE, "held for 60"},
	{{"hold_for 60"}, {"--deliver-by=61,notify"}, "", " BY=61;N HOLDFOR=60", ERROR_NONE, NULL},
	{{NULL}, {"--deliver-by=60,notify"}, "", " BY=60;N", ERROR_NONE, NULL},
	{{NULL}, {"--deliver-by=60", "--hold-until=08:02"}, "", NULL, ERROR_USAGE, "--deliver-by: "},
	{{"priority -3"}, {NULL}, "", " MT-PRIORITY=-3", ERROR_NONE, NULL},
	{{"priority -3"}, {"--priority=0"}, "", " MT-PRIORITY=0", ERROR_NONE, NULL},
	{{"mail_auth joe@example.org"}, {NULL}, "", " AUTH=joe@example.org", ERROR_NONE, NULL},
	{{"mail_auth joe@example.org"}, {"--mail-auth=<>"}, "", " AUTH=<>", ERROR_NONE, NULL},
	{{"mail_auth joe@example.org"}, {"--mail-auth="}, "", "", ERROR_NONE, NULL},
	{{NULL}, {"--mail-auth=\"a b\"@example.org"}, "", " AUTH=\"a+20b\"@example.org", ERROR_NONE, NULL},
	{{NULL}, {"--mail-auth=joe@\xc3\xa4.example"}, "", " AUTH=joe@xn--4ca.example", ERROR_NONE, NULL},
	{{NULL},
	 {"--mail-auth=j\xc3\xb6rg@example.org"},
	 "",
	 NULL,
	 ERROR_USAGE,
	 "--mail-auth: the part before the @ must be ASCII"},
	{{NULL},
	 {"--mail-auth=\"" TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY TWENTY "\"@example.org"},
	 "",
	 NULL,
	 ERROR_USAGE,
	 "too long"},
	{{NULL}, {"--mail-auth=a b@example.org"}, "", NULL, ERROR_USAGE, "--mail-auth: "},
	{{"mail_auth a@b@c"}, {NULL}, "", NULL, ERROR_CONFIG, "rc, line 1: mail_auth: "},
	/* REQUIRETLS and the header (RFC 8689) */
	{{"tls on", "require_tls on"}, {NULL}, "", " REQUIRETLS", ERROR_NONE, NULL},
	{{"tls on", "require_tls on"}, {NULL}, "TLS-Required: No\n", "", ERROR_NONE, NULL},
	{{"tls on", "require_tls on"}, {NULL}, "Subject: x\ntls-required :\n no \n", "", ERROR_NONE, NULL},
	{{"tls on", "require_tls on"}, {NULL}, "TLS-Required: Yes\n", " REQUIRETLS", ERROR_NONE, NULL},
	{{"tls on", "require_tls on"}, {NULL}, "TLS-Required: No way\n", " REQUIRETLS", ERROR_NONE, NULL},
	{{"tls on", "require_tls on"}, {NULL}, "X-TLS-Required: No\n", " REQUIRETLS", ERROR_NONE, NULL},
	{{"tls on", "require_tls on"}, {NULL}, "TLS-Required: Maybe\nTLS-Required: No\n", "", ERROR_NONE, NULL},
	{{"tls on"}, {"--require-tls"}, "TLS-Required: No\n", " REQUIRETLS", ERROR_NONE, "--require-tls applies"},
	{{"tls on", "require_tls on"}, {"--require-tls=off"}, "", "", ERROR_NONE, NULL},
	{{"tls off"}, {"--require-tls"}, "", NULL, ERROR_TLS_UNVERIFIED, "verified TLS"},
	{{"tls off", "require_tls on"}, {NULL}, "", NULL, ERROR_TLS_UNVERIFIED, "verified TLS"},
	{{"tls off", "require_tls on"}, {NULL}, "TLS-Required: No\n", "", ERROR_NONE, NULL},
	{{"tls on", "tls_certcheck off"}, {"--require-tls"}, "", NULL, ERROR_TLS_UNVERIFIED, "verified TLS"},
	{{"tls on", "tls_fingerprint 0000000000000000000000000000000000000000000000000000000000000000"},
	 {"--require-tls"},
	 "",
	 NULL,
	 ERROR_TLS_UNVERIFIED,
	 "fingerprint"},
	{{"tls on", "tls_fingerprint "}, {"--require-tls"}, "", " REQUIRETLS", ERROR_NONE, NULL},
	{{"tls on", "tls_fingerprint_only on",
	  "tls_fingerprint 0000000000000000000000000000000000000000000000000000000000000000"},
	 {"--require-tls"},
	 "",
	 NULL,
	 ERROR_TLS_UNVERIFIED,
	 "verified TLS"},
	{{"tls on", "tls_trust first_use"}, {"--require-tls"}, "", " REQUIRETLS", ERROR_NONE, NULL},
};

static const struct runtime runtime = {.clock = &still};

static struct account *account_of(const struct row *row, struct args *args)
{
	struct account *a = account_new("default", FLAVOUR_OWN, NULL);
	for (unsigned i = 0; i < SET && row->file[i]; i++) {
		struct span rest = span_of(row->file[i]), name = span_word(&rest);
		const struct option_row *option = option_by_command(name);
		assert_non_null(option);
		assert_true(
			account_set(a, option->id, span_trim(rest), (struct origin){ORIGIN_FILE, "rc", i + 1}, NULL));
	}
	account_merge(a, args->request.flags);
	assert_true(
		account_set(a, OPT_HOST, SPAN_LIT("mail.example.net"), (struct origin){ORIGIN_FILE, "rc", 9}, NULL));
	assert_true(account_complete(a, NULL));
	return a;
}

static void parse(const struct row *row, struct args *args)
{
	char *argv[SET + 1] = {(char[]){"posthaste"}};
	int argc = 1;
	for (size_t i = 0; i < SET && row->flags[i]; i++)
		argv[argc++] = (char *)(uintptr_t)row->flags[i];
	assert_true(args_parse(argc, argv, &runtime, args, NULL));
}

static void values_become_requests(void **state)
{
	(void)state;
	assert_int_equal(setenv("TZ", "UTC0", 1), 0);
	tzset();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct submission p;
		struct args args;
		AUTO(error) err = ERROR_INIT;
		AUTO(strbuf) asked = STRBUF_INIT;
		submission_init(&p, &runtime);
		parse(row, &args);
		AUTO_PTR(account) account = account_of(row, &args);
		p.account = account;
		header_scan(span_of(row->header), &p.fields);
		bool fine = mail_params_fill(&p, &args.request, &still, &err);
		struct negotiated_params wished = mail_params_wished(&p.env.mail.params);
		mail_params_write(&p.env.mail.params, &wished, &asked);
		if (fine != (row->asked != NULL) || err.status.kind != row->kind ||
		    (fine && strcmp(asked.buf ? asked.buf : "", row->asked) != 0))
			fail_msg("row %zu: \"%s\", %s", i, asked.buf, err.status.text ? err.status.text : "no error");
		const char *said = fine ? (p.warnings.n ? p.warnings.v[0] : "") : err.status.text;
		if (row->says ? !strstr(said, row->says) : *said)
			fail_msg("row %zu says \"%s\"", i, said);
		mail_params_forget(&p.env.mail.params);
		assert_null(p.env.mail.params.auth);
		submission_release(&p);
		args_release(&args);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(values_become_requests)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
