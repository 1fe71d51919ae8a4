/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/oauth_error.h"
#include "auth/sasl.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define TOKEN "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="

static struct sasl *begin(const char *mech, const char *user, const char *token, struct strbuf *response,
			  struct error *err)
{
	static struct secret password;
	secret_set(&password, token, strlen(token));
	bool initial = false;
	const struct sasl_request req = {
		.mech = mech_find(mech), .user = user, .password = &password, .host = "mail.example.org", .port = 587};
	struct sasl *s = sasl_new(&req, response, &initial, err);
	secret_release(&password);
	assert_int_equal(initial, s != NULL);
	return s;
}

static void the_first_message_carries_the_token(void **state)
{
	(void)state;
	static const struct {
		const char *mech, *user, *message;
	} rows[] = {
		{"OAUTHBEARER", "joe@example.org",
		 "n,a=joe@example.org,\1host=mail.example.org\1port=587\1auth=Bearer " TOKEN "\1\1"},
		{"OAUTHBEARER", "a,b=c", "n,a=a=2Cb=3Dc,\1host=mail.example.org\1port=587\1auth=Bearer " TOKEN "\1\1"},
		{"OAUTHBEARER", NULL, "n,,\1host=mail.example.org\1port=587\1auth=Bearer " TOKEN "\1\1"},
		{"XOAUTH2", "joe@example.org", "user=joe@example.org\1auth=Bearer " TOKEN "\1\1"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_PTR(sasl) s = begin(rows[i].mech, rows[i].user, TOKEN, &response, &err);
		assert_non_null(s);
		assert_string_equal(response.buf, rows[i].message);
		assert_true(sasl_finished(s, &err));
		assert_null(sasl_server_error(s));
	}
}

static void tokens_and_names_cannot_inject_fields(void **state)
{
	(void)state;
	static const struct {
		const char *user, *token;
	} rows[] = {{"joe", "a\1auth=Bearer b"}, {"joe", "a b"}, {"joe", "a\r\n"},
		    {"joe", "\xc3\xa4"},	 {"jo\1e", "a"}, {"joe\n", "a"}};
	static const char *const mechs[] = {"OAUTHBEARER", "XOAUTH2"};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t m = 0; m < ARRAY_SIZE(mechs); m++) {
			AUTO(strbuf) response = STRBUF_INIT;
			AUTO(error) err = ERROR_INIT;
			assert_null(begin(mechs[m], rows[i].user, rows[i].token, &response, &err));
			assert_int_equal(err.status.kind, ERROR_CONFIG);
			assert_int_equal(response.len, 0);
		}
}

static void an_error_is_answered_and_told(void **state)
{
	(void)state;
	static const char json[] =
		"{\"status\":\"invalid_token\",\"schemes\":\"bearer mac\",\"scope\":\"https://mail.example.org/\"}";
	static const struct {
		const char *mech;
		struct span answer;
	} rows[] = {{"OAUTHBEARER", {"\1", 1}}, {"XOAUTH2", {"", 0}}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_PTR(sasl) s = begin(rows[i].mech, "joe", TOKEN, &response, &err);
		strbuf_reset(&response);
		assert_true(sasl_step(s, span_of(json), &response, &err));
		assert_true(span_equal(strbuf_span(&response), rows[i].answer));
		assert_string_equal(
			sasl_server_error(s),
			"status invalid_token; scope needed: https://mail.example.org/; schemes: bearer mac");
		/* success after it, or another challenge, is nonsense */
		assert_false(sasl_finished(s, &err));
		assert_int_equal(err.status.kind, ERROR_PROTOCOL);
		assert_false(sasl_step(s, SPAN_LIT("x"), &response, &err));
		assert_int_equal(err.status.kind, ERROR_PROTOCOL);
	}
}

static void errors_become_one_readable_line(void **state)
{
	(void)state;
	static const struct {
		const char *json, *words;
	} rows[] = {
		{"{\"status\":\"401\"}", "status 401"},
		{" { \"status\" : 401 , \"x\":[1,-2.5e+3,{\"y\":null}], \"schemes\":[\"bearer\",\"mac\"] } \r\n",
		 "status 401; schemes: bearer mac"},
		{"{\"scope\":\"\\u00e4\\ud83d\\ude00\\/\\n\"}", "scope needed: \xc3\xa4\xf0\x9f\x98\x80/"},
		{"{\"status\":\"1\",\"status\":\"2\"}", "status 2"},
		{"{\"status\":\"\\u001b[2J\"}", "status ?[2J"},
		/* not what RFC 8259 allows: shown as it stands */
		{"{}", "{}"},
		{"", ""},
		{"{\"status\":\"401\"", "{\"status\":\"401\""},
		{"{\"status\":\"401\"} x", "{\"status\":\"401\"} x"},
		{"{\"status\":401x}", "{\"status\":401x}"},
		{"{\"status\":01}", "{\"status\":01}"},
		{"{\"status\":\"\\ud800\"}", "{\"status\":\"\\ud800\"}"},
		{"{\"status\":\"\\x\"}", "{\"status\":\"\\x\"}"},
		{"{'status':1}", "{'status':1}"},
		{"[\"status\"]", "[\"status\"]"},
		{"token expired\033", "token expired?"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FREE char *words = oauth_error_words(span_of(rows[i].json));
		assert_string_equal(words, rows[i].words);
	}
}

static void errors_of_any_size_and_depth_are_survived(void **state)
{
	(void)state;
	AUTO(strbuf) deep = STRBUF_INIT;
	strbuf_adds(&deep, "{\"status\":");
	for (int i = 0; i < 60000; i++)
		strbuf_addch(&deep, '[');
	AUTO_FREE char *words = oauth_error_words(strbuf_span(&deep));
	assert_true(strlen(words) < 600);
	strbuf_reset(&deep);
	strbuf_add(&deep, "\0\xff{", 3);
	AUTO_FREE char *binary = oauth_error_words(strbuf_span(&deep));
	assert_string_equal(binary, "??{");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_message_carries_the_token),
		cmocka_unit_test(tokens_and_names_cannot_inject_fields),
		cmocka_unit_test(an_error_is_answered_and_told),
		cmocka_unit_test(errors_become_one_readable_line),
		cmocka_unit_test(errors_of_any_size_and_depth_are_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
