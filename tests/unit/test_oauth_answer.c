/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xalloc.h"
#include "oauth/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define URL "https://login.example.org/token"
#define NOW ((int64_t)1700000000000)
#define DAY ((int64_t)86400000)

/* What the helper writes, with "|" for NUL. */
static void read_reply(const char *text, struct oauth_reply *reply)
{
	AUTO(secret) written = SECRET_INIT;
	AUTO_FREE char *copy = xstrdup(text);
	size_t len = strlen(text);
	for (char *p = copy; *p; p++)
		if (*p == '|')
			*p = '\0';
	secret_set(&written, copy, len);
	oauth_reply_read(reply, &written);
}

static struct oauth_settings settings_of(const char *scope)
{
	struct oauth_settings s = OAUTH_SETTINGS_INIT;
	s.account = xstrdup("work");
	s.value[OAUTH_SCOPE].text = xstrdup(scope);
	s.provider.line[OAUTH_PROVIDER_EARLY_END] = xstrdup("Publish it.");
	return s;
}

static enum oauth_answer ask(const char *text, enum oauth_purpose purpose, const char *scope, struct oauth_grant *grant,
			     struct error *err)
{
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	struct oauth_settings settings = settings_of(scope);
	const struct oauth_question question = {.purpose = purpose,
						.settings = &settings,
						.url = URL,
						.asked_ms = NOW,
						.login_ms = NOW - 7 * DAY,
						.now_ms = NOW};
	read_reply(text, &reply);
	assert_int_equal(reply.kind, OAUTH_REPLY_ANSWER);
	enum oauth_answer answer = oauth_answer_read(&reply, &question, grant, err);
	oauth_settings_release(&settings);
	return answer;
}

/* ---- refusals ---- */

static const struct refusal {
	const char *reply;
	enum oauth_purpose purpose;
	enum oauth_answer answer;
	enum error_kind kind;
	const char *text, *hint; /* parts of them */
} refusals[] = {
	{"answer|400||json||serror|invalid_grant|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_LOGIN_NEEDED, ERROR_LOGIN_EXPIRED,
	 "login.example.org did not renew the login of account work: invalid_grant", "Publish it. Then log in again"},
	{"answer|200||json||serror|invalid_grant|", OAUTH_FOR_LOGIN, OAUTH_ANSWER_LOGIN_NEEDED, ERROR_AUTH_REFUSED,
	 "refused the login", "Log in again with: posthaste --login=work"},
	{"answer|401||json||serror|access_denied|serror_description|no\n\x1b[31m|", OAUTH_FOR_LOGIN,
	 OAUTH_ANSWER_LOGIN_NEEDED, ERROR_AUTH_REFUSED, "access_denied: no", "--login=work"},
	{"answer|400||json||serror|expired_token|", OAUTH_FOR_DEVICE, OAUTH_ANSWER_LOGIN_NEEDED, ERROR_AUTH_REFUSED,
	 "expired_token", "--login=work"},
	{"answer|400||json||serror|interaction_required|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_LOGIN_NEEDED,
	 ERROR_LOGIN_EXPIRED, "interaction_required", "--login=work"},
	{"answer|400||json||serror|consent_required|serror_description|AADSTS65001: x|", OAUTH_FOR_REFRESH,
	 OAUTH_ANSWER_LOGIN_NEEDED, ERROR_LOGIN_EXPIRED, "AADSTS65001",
	 "administrator of your organisation has to consent"},
	{"answer|400||json||serror|login_required|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_LOGIN_NEEDED, ERROR_LOGIN_EXPIRED,
	 "login_required", "--login=work"},
	{"answer|400||json||serror|invalid_grant|serror_description|AADSTS53003: no|", OAUTH_FOR_REFRESH,
	 OAUTH_ANSWER_LOGIN_NEEDED, ERROR_LOGIN_EXPIRED, "AADSTS53003", "Your organisation's rules"},
	{"answer|400||json||serror|invalid_grant|", OAUTH_FOR_CLIENT, OAUTH_ANSWER_FAILED, ERROR_AUTH_REFUSED,
	 "gave no token for account work", "client id"},
	{"answer|401||json||serror|invalid_client|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_CONFIG,
	 "invalid_client", "Check the client id"},
	{"answer|401||json||serror|invalid_client|serror_description|AADSTS7000218: x|", OAUTH_FOR_REFRESH,
	 OAUTH_ANSWER_FAILED, ERROR_CONFIG, "AADSTS7000218", "needs its secret"},
	{"answer|401||json||serror|invalid_client|serror_description|AADSTS700025: x|", OAUTH_FOR_REFRESH,
	 OAUTH_ANSWER_FAILED, ERROR_CONFIG, "AADSTS700025", "remove its secret"},
	{"answer|400||json||serror|unauthorized_client|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_CONFIG,
	 "unauthorized_client", "Check the client id"},
	{"answer|400||json||serror|invalid_scope|", OAUTH_FOR_LOGIN, OAUTH_ANSWER_FAILED, ERROR_CONFIG, "invalid_scope",
	 "which is \"mail\""},
	{"answer|400||json||serror|unsupported_grant_type|", OAUTH_FOR_LOGIN, OAUTH_ANSWER_FAILED, ERROR_CONFIG,
	 "unsupported_grant_type", "Check the client id, the scope"},
	{"answer|400||json||serror|invalid_request|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_CONFIG,
	 "invalid_request", "--login=work"},
	{"answer|400||json||serror|temporarily_unavailable|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED,
	 ERROR_SERVER_TEMPORARY, "temporarily_unavailable", "again"},
	{"answer|500||json||serror|server_error|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_SERVER_TEMPORARY,
	 "server_error", "again"},
	/* errors nobody knows: the HTTP status decides */
	{"answer|400||json||serror|odd|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_AUTH_REFUSED, "odd", "--login"},
	{"answer|503||json||serror|odd|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_SERVER_TEMPORARY, "odd",
	 "again"},
	{"answer|200||json||nerror|7|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_AUTH_REFUSED, ": 7", "--login"},
	{"answer|200||json||xerror||saccess_token|a|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_AUTH_REFUSED,
	 "HTTP status 200", "--login"},
	{"answer|408||json||", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_SERVER_TEMPORARY, "408", "again"},
	{"answer|429|5|other||", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_SERVER_TEMPORARY, "429", "again"},
	{"answer|404||other|x|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_AUTH_REFUSED, "404", "--login"},
	/* what is not an answer of such a server */
	{"answer|200||html||", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_SERVER_TEMPORARY, "web page", "browser"},
	{"answer|403||html||", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_SERVER_TEMPORARY, "web page", "browser"},
	{"answer|502||html||", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_SERVER_TEMPORARY, "web page", "browser"},
	{"answer|204||empty||", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_SERVER_TEMPORARY, "empty", "again"},
	{"answer|200||other|not an object|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_PROTOCOL, "not a JSON",
	 "address"},
	{"answer|302||other|evil.example|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_PROTOCOL,
	 "redirects to evil.example", "address"},
	{"answer|308||other|login.example.org|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_PROTOCOL, "redirects",
	 "address"},
	/* tokens that cannot be used */
	{"answer|200||json||", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_PROTOCOL, "no usable token", "address"},
	{"answer|200||json||saccess_token||", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_PROTOCOL, "no usable",
	 "address"},
	{"answer|200||json||naccess_token|5|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_PROTOCOL, "no usable",
	 "address"},
	{"answer|200||json||saccess_token|a b|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_PROTOCOL, "no usable",
	 "address"},
	{"answer|200||json||saccess_token|a|srefresh_token|a\nb|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED,
	 ERROR_PROTOCOL, "no usable", "address"},
	{"answer|200||json||saccess_token|a|stoken_type|mac|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_PROTOCOL,
	 "Bearer", "no other"},
	{"answer|200||json||saccess_token|a|ntoken_type|1|", OAUTH_FOR_REFRESH, OAUTH_ANSWER_FAILED, ERROR_PROTOCOL,
	 "Bearer", "no other"},
	/* logins that are of no use */
	{"answer|200||json||saccess_token|a|", OAUTH_FOR_LOGIN, OAUTH_ANSWER_FAILED, ERROR_AUTH_REFUSED,
	 "no refresh token", "offline_access"},
	{"answer|200||json||saccess_token|a|srefresh_token|r|sscope|openid|", OAUTH_FOR_LOGIN, OAUTH_ANSWER_FAILED,
	 ERROR_AUTH_REFUSED, "did not grant mail", "allow everything"},
	{"answer|200||json||saccess_token|a|zrefresh_token||", OAUTH_FOR_DEVICE, OAUTH_ANSWER_FAILED,
	 ERROR_AUTH_REFUSED, "no refresh token", "offline_access"},
};

static void each_refusal_has_a_kind_a_text_and_a_next_step(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		const struct refusal *r = &refusals[i];
		AUTO(error) err = ERROR_INIT;
		AUTO(oauth_grant) grant = OAUTH_GRANT_INIT;
		print_message("# %s\n", r->reply);
		assert_int_equal(ask(r->reply, r->purpose, "mail", &grant, &err), r->answer);
		assert_int_equal(err.status.kind, r->kind);
		assert_non_null(strstr(err.status.text, r->text));
		assert_non_null(err.status.hint);
		assert_non_null(strstr(err.status.hint, r->hint));
		for (const char *p = err.status.text; *p; p++)
			assert_false(ascii_iscntrl(*p));
	}
}

static void waiting_for_the_user_is_not_an_error(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	AUTO(oauth_grant) grant = OAUTH_GRANT_INIT;
	assert_int_equal(ask("answer|400||json||serror|authorization_pending|", OAUTH_FOR_DEVICE, "mail", &grant, &err),
			 OAUTH_ANSWER_PENDING);
	assert_int_equal(ask("answer|400||json||serror|slow_down|", OAUTH_FOR_DEVICE, "mail", &grant, &err),
			 OAUTH_ANSWER_SLOW_DOWN);
	assert_int_equal(err.status.kind, ERROR_NONE);
	assert_int_equal(ask("answer|400||json||serror|authorization_pending|", OAUTH_FOR_LOGIN, "mail", &grant, &err),
			 OAUTH_ANSWER_FAILED);
}

/* ---- tokens ---- */

static const struct life {
	const char *member;
	int64_t ms;
} lives[] = {
	{"nexpires_in|3600|", 3600000},
	{"sexpires_in|3599|", 3599000},
	{"nexpires_in|3599.9|", 3599000},
	{"sexpires_in| 60 |", 60000},
	{"", OAUTH_LIFE_UNKNOWN_MS},
	{"zexpires_in||", OAUTH_LIFE_UNKNOWN_MS},
	{"bexpires_in|true|", OAUTH_LIFE_UNKNOWN_MS},
	{"sexpires_in|soon|", OAUTH_LIFE_UNKNOWN_MS},
	{"xexpires_in||", OAUTH_LIFE_UNKNOWN_MS},
	{"nexpires_in|0|", 0},
	{"nexpires_in|-5|", 0},
	{"nexpires_in|1e+300|", OAUTH_LIFE_MAX_MS},
	{"nexpires_in|99999999999999999999|", OAUTH_LIFE_MAX_MS},
};

static void the_life_comes_in_many_shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lives); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(oauth_grant) grant = OAUTH_GRANT_INIT;
		AUTO_FREE char *text = xasprintf("answer|200||json||saccess_token|abc|%s", lives[i].member);
		print_message("# %s\n", text);
		assert_int_equal(ask(text, OAUTH_FOR_REFRESH, "mail", &grant, &err), OAUTH_ANSWER_TOKEN);
		assert_true(grant.token.life_ms == lives[i].ms);
		assert_true(grant.token.issued_ms == NOW);
		assert_true(span_equals_str(secret_reveal(&grant.token.access), "abc"));
	}
}

static void the_type_may_be_missing_and_in_any_case(void **state)
{
	(void)state;
	static const char *const types[] = {"", "stoken_type|Bearer|", "stoken_type|bEARER|", "ztoken_type||",
					    "stoken_type||"};
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(oauth_grant) grant = OAUTH_GRANT_INIT;
		AUTO_FREE char *text = xasprintf("answer|200||json||saccess_token|abc|%s", types[i]);
		assert_int_equal(ask(text, OAUTH_FOR_REFRESH, "mail", &grant, &err), OAUTH_ANSWER_TOKEN);
	}
}

static void a_refresh_token_that_is_not_given_stays(void **state)
{
	(void)state;
	static const char *const members[] = {"", "zrefresh_token||", "srefresh_token||", "nrefresh_token|5|"};
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(oauth_grant) grant = OAUTH_GRANT_INIT;
		AUTO_FREE char *text = xasprintf("answer|200||json||saccess_token|abc|%s", members[i]);
		assert_int_equal(ask(text, OAUTH_FOR_REFRESH, "mail", &grant, &err), OAUTH_ANSWER_TOKEN);
		assert_false(secret_is_set(&grant.refresh));
	}
	AUTO(error) err = ERROR_INIT;
	AUTO(oauth_grant) grant = OAUTH_GRANT_INIT;
	assert_int_equal(ask("answer|200||json||srefresh_token|new|saccess_token|abc|", OAUTH_FOR_REFRESH, "mail",
			     &grant, &err),
			 OAUTH_ANSWER_TOKEN);
	assert_true(span_equals_str(secret_reveal(&grant.refresh), "new"));
}

static void long_tokens_are_taken(void **state)
{
	(void)state;
	static const size_t sizes[] = {1, 512, 2048, 12288, 40960};
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(oauth_grant) grant = OAUTH_GRANT_INIT;
		AUTO_FREE char *token = xmalloc(sizes[i] + 1);
		memset(token, 'x', sizes[i]);
		token[sizes[i]] = '\0';
		AUTO_FREE char *text = xasprintf("answer|200||json||saccess_token|%s|", token);
		assert_int_equal(ask(text, OAUTH_FOR_REFRESH, "mail", &grant, &err), OAUTH_ANSWER_TOKEN);
		assert_int_equal(secret_reveal(&grant.token.access).len, sizes[i]);
	}
}

/* ---- scopes ---- */

static const struct scope {
	const char *asked, *granted, *missing; /* NULL: covered */
} scopes[] = {
	{"mail", NULL, NULL},
	{NULL, "mail", NULL},
	{"mail", "mail", NULL},
	{"a b", "b a", NULL},
	{"a", "a b c", NULL},
	{"a b", "a", "b"},
	{"a", "", "a"},
	{"a offline_access openid profile email", "a", NULL},
	{"https://outlook.office.com/SMTP.Send offline_access", "SMTP.Send", NULL},
	{"https://outlook.office.com/SMTP.Send", "https://outlook.office365.com/smtp.send", NULL},
	{"https://outlook.office.com/SMTP.Send", "https://outlook.office.com/IMAP.Access",
	 "https://outlook.office.com/SMTP.Send"},
	{"https://mail.google.com/", "https://mail.google.com/ openid", NULL},
	{"https://mail.google.com/", "openid https://www.googleapis.com/auth/userinfo.email",
	 "https://mail.google.com/"},
};

static void only_a_needed_scope_is_missed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scopes); i++) {
		AUTO_FREE char *missing = NULL;
		print_message("# %s: %s\n", scopes[i].asked, scopes[i].granted);
		assert_int_equal(oauth_scope_covers(scopes[i].asked, scopes[i].granted, &missing), !scopes[i].missing);
		if (scopes[i].missing)
			assert_string_equal(missing, scopes[i].missing);
	}
}

/* ---- life ---- */

static const struct due {
	int64_t life_s, age_ms;
	bool due;
} dues[] = {
	{3600, 0, false},	 {3600, 3539999, false}, {3600, 3540000, true}, {3600, 3600000, true},
	{3600, -1, true},	 {3600, 7200000, true},	 {3, 0, false},		{3, 2699, false},
	{3, 2700, true},	 {600, 539999, false},	 {600, 540000, true},	{0, 0, true},
	{31622400, 1000, false},
};

static void a_token_is_due_a_little_early(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dues); i++) {
		const struct oauth_token token = {SECRET_INIT, NOW, dues[i].life_s * 1000};
		print_message("# %lld s, after %lld ms\n", (long long)dues[i].life_s, (long long)dues[i].age_ms);
		assert_int_equal(oauth_token_is_due(&token, NOW + dues[i].age_ms), dues[i].due);
	}
}

static void an_answer_without_a_token_is_checked(void **state)
{
	(void)state;
	static const struct {
		const char *reply;
		enum oauth_purpose purpose;
		bool ok;
	} rows[] = {
		{"answer|200||empty||", OAUTH_FOR_REVOKE, true},
		{"answer|200||other||", OAUTH_FOR_REVOKE, true},
		{"answer|200||html||", OAUTH_FOR_REVOKE, false},
		{"answer|503||empty||", OAUTH_FOR_REVOKE, false},
		{"answer|200||json||serror|x|", OAUTH_FOR_REVOKE, false},
		{"answer|400||json||serror|unsupported_token_type|", OAUTH_FOR_REVOKE, false},
		{"answer|400||json||serror|invalid_token|", OAUTH_FOR_REVOKE, true},
		{"answer|307||empty|other.test|", OAUTH_FOR_REVOKE, false},
		{"answer|200||json||sissuer|x|", OAUTH_FOR_METADATA, true},
		{"answer|404||json||", OAUTH_FOR_METADATA, false},
		{"answer|200||empty||", OAUTH_FOR_METADATA, false},
	};
	struct oauth_settings settings = settings_of("mail");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
		AUTO(error) err = ERROR_INIT;
		const struct oauth_question q = {.purpose = rows[i].purpose, .settings = &settings, .url = URL};
		read_reply(rows[i].reply, &reply);
		assert_int_equal(oauth_answer_check(&reply, &q, &err), rows[i].ok);
		assert_int_equal(err.status.kind == ERROR_NONE, rows[i].ok);
	}
	oauth_settings_release(&settings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_refusal_has_a_kind_a_text_and_a_next_step),
		cmocka_unit_test(waiting_for_the_user_is_not_an_error),
		cmocka_unit_test(the_life_comes_in_many_shapes),
		cmocka_unit_test(the_type_may_be_missing_and_in_any_case),
		cmocka_unit_test(a_refresh_token_that_is_not_given_stays),
		cmocka_unit_test(long_tokens_are_taken),
		cmocka_unit_test(only_a_needed_scope_is_missed),
		cmocka_unit_test(a_token_is_due_a_little_early),
		cmocka_unit_test(an_answer_without_a_token_is_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
