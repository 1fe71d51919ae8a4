/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/status.h"

#include <sysexits.h>

#define RETRY DISPOSITION_RETRY
#define PERMANENT DISPOSITION_PERMANENT
#define FIX DISPOSITION_FIX
#define MESSAGE ERROR_SCOPE_MESSAGE
#define ACCOUNT ERROR_SCOPE_ACCOUNT
#define SESSION ERROR_SCOPE_SESSION

/* What the manual promises, and what the queue relies on, written down a second time on purpose. */
static const struct {
	enum error_kind kind;
	const char *name;
	int exit_status;
	enum error_disposition disposition, before_mail;
	enum error_scope scope;
	bool clears, next_server; /* before its EHLO ... */
	const char *detail;
} promised[] = {
	{ERROR_NONE, "none", EX_OK, PERMANENT, PERMANENT, SESSION, false, false, "0.0"},
	{ERROR_USAGE, "usage", EX_USAGE, FIX, FIX, ACCOUNT, false, false, "3.5"},
	{ERROR_MESSAGE, "message", EX_DATAERR, PERMANENT, PERMANENT, MESSAGE, false, false, "6.0"},
	{ERROR_ADDRESS, "address", EX_DATAERR, PERMANENT, PERMANENT, MESSAGE, false, false, "1.3"},
	{ERROR_TOO_BIG, "too_big", EX_DATAERR, PERMANENT, PERMANENT, MESSAGE, false, false, "3.4"},
	{ERROR_MESSAGE_REFUSED, "message_refused", EX_DATAERR, PERMANENT, PERMANENT, MESSAGE, false, false, "6.0"},
	{ERROR_FILE_MISSING, "file_missing", EX_NOINPUT, FIX, FIX, ACCOUNT, true, false, "3.5"},
	{ERROR_RECIPIENT_REFUSED, "recipient_refused", EX_NOUSER, PERMANENT, PERMANENT, MESSAGE, false, false, "1.0"},
	{ERROR_LOCAL_NAME, "local_name", EX_NOUSER, PERMANENT, PERMANENT, MESSAGE, false, false, "1.2"},
	{ERROR_HOST_UNKNOWN, "host_unknown", EX_NOHOST, FIX, FIX, ACCOUNT, true, true, "1.2"},
	{ERROR_SERVER_REFUSES, "server_refuses", EX_UNAVAILABLE, PERMANENT, FIX, SESSION, true, true, "3.2"},
	{ERROR_NOT_OFFERED, "not_offered", EX_UNAVAILABLE, FIX, FIX, MESSAGE, true, false, "3.3"},
	{ERROR_NO_REQUIRETLS, "no_requiretls", EX_UNAVAILABLE, FIX, FIX, MESSAGE, true, true, "7.30"},
	{ERROR_CANNOT_HOLD, "cannot_hold", EX_UNAVAILABLE, FIX, FIX, MESSAGE, true, false, "3.3"},
	{ERROR_NO_MECHANISM, "no_mechanism", EX_UNAVAILABLE, FIX, FIX, ACCOUNT, true, false, "7.4"},
	{ERROR_INTERNAL, "internal", EX_SOFTWARE, PERMANENT, PERMANENT, MESSAGE, false, false, "3.0"},
	{ERROR_SYSTEM, "system", EX_OSERR, RETRY, RETRY, SESSION, true, false, "3.0"},
	{ERROR_CANNOT_CREATE, "cannot_create", EX_CANTCREAT, FIX, FIX, SESSION, true, false, "3.0"},
	{ERROR_IO, "io", EX_IOERR, RETRY, RETRY, SESSION, true, false, "3.0"},
	{ERROR_DAMAGED, "damaged", EX_IOERR, FIX, FIX, MESSAGE, false, false, "3.0"},
	{ERROR_DNS_TEMPORARY, "dns_temporary", EX_TEMPFAIL, RETRY, RETRY, ACCOUNT, true, true, "4.3"},
	{ERROR_CONNECT, "connect", EX_TEMPFAIL, RETRY, RETRY, ACCOUNT, true, true, "4.1"},
	{ERROR_TIMEOUT, "timeout", EX_TEMPFAIL, RETRY, RETRY, SESSION, true, true, "4.2"},
	{ERROR_CONNECTION_LOST, "connection_lost", EX_TEMPFAIL, RETRY, RETRY, SESSION, true, true, "4.2"},
	{ERROR_SERVER_TEMPORARY, "server_temporary", EX_TEMPFAIL, RETRY, RETRY, SESSION, true, true, "0.0"},
	{ERROR_SECRET_UNAVAILABLE, "secret_unavailable", EX_TEMPFAIL, RETRY, RETRY, ACCOUNT, true, false, "7.0"},
	{ERROR_FILTER, "filter", EX_TEMPFAIL, RETRY, RETRY, MESSAGE, true, false, "3.0"},
	{ERROR_UNCERTAIN, "uncertain", EX_TEMPFAIL, RETRY, RETRY, MESSAGE, true, false, "4.2"},
	{ERROR_INTERRUPTED, "interrupted", EX_TEMPFAIL, RETRY, RETRY, SESSION, false, false, "0.0"},
	{ERROR_PROTOCOL, "protocol", EX_PROTOCOL, PERMANENT, RETRY, SESSION, false, true, "5.0"},
	{ERROR_TLS, "tls", EX_PROTOCOL, FIX, FIX, ACCOUNT, true, true, "7.5"},
	{ERROR_AUTH_REFUSED, "auth_refused", EX_NOPERM, FIX, FIX, ACCOUNT, false, false, "7.8"},
	{ERROR_LOGIN_EXPIRED, "login_expired", EX_NOPERM, FIX, FIX, ACCOUNT, false, false, "7.8"},
	{ERROR_SENDER_REFUSED, "sender_refused", EX_NOPERM, PERMANENT, PERMANENT, MESSAGE, false, false, "1.8"},
	{ERROR_CERTIFICATE, "certificate", EX_NOPERM, FIX, FIX, ACCOUNT, true, false, "7.5"},
	{ERROR_NO_ACCESS, "no_access", EX_NOPERM, FIX, FIX, ACCOUNT, true, false, "7.0"},
	{ERROR_TLS_UNVERIFIED, "tls_unverified", EX_NOPERM, FIX, FIX, MESSAGE, false, false, "7.10"},
	{ERROR_CONFIG, "config", EX_CONFIG, FIX, FIX, ACCOUNT, false, false, "3.5"},
};

static void every_kind_keeps_its_promise(void **state)
{
	(void)state;
	assert_int_equal(ARRAY_SIZE(promised), ERROR_KIND_COUNT);
	for (size_t i = 0; i < ARRAY_SIZE(promised); i++) {
		enum error_kind kind = promised[i].kind;
		assert_int_equal(kind, i);
		assert_string_equal(error_kind_name(kind), promised[i].name);
		assert_int_equal(error_kind_exit_status(kind), promised[i].exit_status);
		assert_int_equal(error_kind_disposition(kind), promised[i].disposition);
		assert_int_equal(error_kind_disposition_before_mail(kind), promised[i].before_mail);
		assert_int_equal(error_kind_scope(kind), promised[i].scope);
		assert_int_equal(error_kind_clears(kind), promised[i].clears);
		assert_int_equal(error_kind_next_server(kind, false), promised[i].next_server);
		/* ... and after it, when only this was found wanting */
		assert_int_equal(error_kind_next_server(kind, true), kind == ERROR_NO_REQUIRETLS);
		assert_string_equal(error_kind_detail(kind), promised[i].detail);
	}
}

static void names_are_unique_and_tempfail_means_retry(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ERROR_KIND_COUNT; i++) {
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(error_kind_name(i), error_kind_name(j));
		if (error_kind_exit_status(i) == EX_TEMPFAIL)
			assert_int_equal(error_kind_disposition(i), DISPOSITION_RETRY);
	}
	assert_string_equal(error_disposition_name(DISPOSITION_RETRY), "retry");
	assert_string_equal(error_disposition_name(DISPOSITION_PERMANENT), "permanent");
	assert_string_equal(error_disposition_name(DISPOSITION_FIX), "fix");
}

static void what_clears_is_not_given_up_at_once(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ERROR_KIND_COUNT; i++) {
		if (error_kind_clears(i))
			assert_int_not_equal(error_kind_disposition_before_mail(i), DISPOSITION_PERMANENT);
		if (error_kind_next_server(i, false)) /* else one try at a bad moment would decide for all servers */
			assert_true(error_kind_clears(i) || error_kind_disposition_before_mail(i) == DISPOSITION_RETRY);
	}
}

static void ends_as_a_sentence(const char *text)
{
	assert_true(strlen(text) > 1);
	assert_int_equal(text[strlen(text) - 1], '.');
	assert_null(strchr(text, '`'));
}

static void every_kind_has_a_meaning_and_a_cure(void **state)
{
	(void)state;
	assert_string_equal(error_kind_meaning(ERROR_NONE), "");
	assert_string_equal(error_kind_cure(ERROR_NONE), "");
	for (unsigned i = ERROR_NONE + 1; i < ERROR_KIND_COUNT; i++) {
		ends_as_a_sentence(error_kind_meaning(i));
		ends_as_a_sentence(error_kind_cure(i));
	}
}

static void the_cure_is_the_hint_of_what_is_not_tried_again(void **state)
{
	(void)state;
	struct status s = STATUS_INIT;
	assert_null(status_hint(&s));
	s.kind = ERROR_CONFIG;
	assert_string_equal(status_hint(&s), error_kind_cure(ERROR_CONFIG));
	s.kind = ERROR_MESSAGE_REFUSED;
	assert_string_equal(status_hint(&s), error_kind_cure(ERROR_MESSAGE_REFUSED));
	s.kind = ERROR_CONNECT;
	assert_null(status_hint(&s));
	char ours[] = "ours";
	s.hint = ours;
	assert_string_equal(status_hint(&s), "ours");
	s.kind = ERROR_CONFIG;
	assert_string_equal(status_hint(&s), "ours");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_keeps_its_promise),
		cmocka_unit_test(names_are_unique_and_tempfail_means_retry),
		cmocka_unit_test(every_kind_has_a_meaning_and_a_cure),
		cmocka_unit_test(the_cure_is_the_hint_of_what_is_not_tried_again),
		cmocka_unit_test(what_clears_is_not_given_up_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
