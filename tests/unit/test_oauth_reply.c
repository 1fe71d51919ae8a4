/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xalloc.h"
#include "oauth/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void read_reply(struct span text, struct oauth_reply *reply)
{
	AUTO(secret) written = SECRET_INIT;
	secret_set(&written, text.ptr, text.len);
	oauth_reply_read(reply, &written);
}

#define ANSWER     \
	"answer\0" \
	"200\0"    \
	"\0"       \
	"json\0"   \
	"\0"

static void members_are_found_by_name_and_type(void **state)
{
	(void)state;
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	long long n;
	read_reply(SPAN_LIT(ANSWER "sa\0one\0"
				   "nb\0"
				   "5\0"
				   "ac\0x y\0"
				   "ze\0\0"
				   "sf\0\0"
				   "xg\0\0"),
		   &reply);
	assert_int_equal(reply.kind, OAUTH_REPLY_ANSWER);
	assert_int_equal(reply.code, 200);
	assert_int_equal(reply.retry_after, -1);
	assert_int_equal(reply.n, 6);
	assert_string_equal(oauth_reply_string(&reply, "a"), "one");
	assert_null(oauth_reply_string(&reply, "b"));
	assert_null(oauth_reply_string(&reply, "f"));
	assert_null(oauth_reply_string(&reply, "none"));
	assert_true(oauth_reply_number(&reply, "b", &n));
	assert_int_equal(n, 5);
	assert_false(oauth_reply_number(&reply, "a", &n));
	assert_false(oauth_reply_number(&reply, "e", &n));
	assert_true(oauth_reply_lists(&reply, "c", "y"));
	assert_false(oauth_reply_lists(&reply, "c", "z"));
	assert_false(oauth_reply_lists(&reply, "g", ""));
}

static const struct broken {
	struct span text;
} broken[] = {
	{{"", 0}},
	{SPAN_LIT("answer")},
	{SPAN_LIT("answer\0")},
	{SPAN_LIT("nonsense\0x\0")},
	{SPAN_LIT("answer\0"
		  "20x\0"
		  "\0"
		  "json\0"
		  "\0")},
	{SPAN_LIT("answer\0"
		  "99\0"
		  "\0"
		  "json\0"
		  "\0")},
	{SPAN_LIT("answer\0"
		  "200\0"
		  "x\0"
		  "json\0"
		  "\0")},
	{SPAN_LIT("answer\0"
		  "200\0"
		  "\0"
		  "xml\0"
		  "\0")},
	{SPAN_LIT(ANSWER "sa\0")},
	{SPAN_LIT(ANSWER "sa\0one")},
	{SPAN_LIT(ANSWER "\0one\0")},
	{SPAN_LIT(ANSWER "?a\0one\0")},
	{SPAN_LIT("timeout\0")},
	{SPAN_LIT("timeout\0x\0more\0")},
};

static void what_cannot_be_read_is_a_failure(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
		read_reply(broken[i].text, &reply);
		assert_int_equal(reply.kind, OAUTH_REPLY_FAILED);
		assert_int_equal(reply.n, 0);
		assert_non_null(reply.detail);
	}
}

static void a_failure_has_its_detail(void **state)
{
	(void)state;
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	read_reply(SPAN_LIT("untrusted\0CN=x\0"), &reply);
	assert_int_equal(reply.kind, OAUTH_REPLY_UNTRUSTED);
	assert_string_equal(reply.detail, "CN=x");
}

static void a_form_is_encoded(void **state)
{
	(void)state;
	AUTO(secret) form = SECRET_INIT;
	oauth_form_add(&form, "a", SPAN_LIT("x y"));
	oauth_form_add(&form, "b", SPAN_LIT("+/=&%~-._\xc3\xa9"));
	oauth_form_add(&form, "c", SPAN_LIT(""));
	assert_string_equal(secret_reveal(&form).ptr, "a=x%20y&b=%2B%2F%3D%26%25~-._%C3%A9&c=");
}

static const struct url {
	const char *text;
	bool valid;
	const char *host;
} urls[] = {
	{"https://a.example/token", true, "a.example"},
	{"https://a.example", true, "a.example"},
	{"HTTPS://a.example/", true, "a.example"},
	{"https://a.example:8443/x?y=z", true, "a.example"},
	{"https://a.example?x", true, "a.example"},
	{"https://[::1]:8443/x", true, "[::1]"},
	{"https://a.example:/x", false, "a.example"},
	{"https://a.example:0/x", false, "a.example"},
	{"https://a.example:65536/x", false, "a.example"},
	{"https://a.example:12x/x", false, "a.example"},
	{"http://a.example/", false, ""},
	{"ftp://a.example/", false, ""},
	{"a.example", false, ""},
	{"https://", false, ""},
	{"https:///x", false, ""},
	{"https://a b/", false, "a b"},
	{"https://joe@a.example/", false, "joe@a.example"},
	{"https://a.example/#x", false, "a.example"},
	{"https://a.example/\n", false, "a.example"},
	{"https://\xc3\xa4.example/", false, "\xc3\xa4.example"},
};

static void addresses_are_https_and_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		struct span text = span_of(urls[i].text), host = oauth_url_host(text);
		print_message("# %s\n", urls[i].text);
		assert_int_equal(oauth_url_valid(text), urls[i].valid);
		assert_int_equal(host.len, strlen(urls[i].host));
		assert_true(!host.len || memcmp(host.ptr, urls[i].host, host.len) == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found_by_name_and_type),
		cmocka_unit_test(what_cannot_be_read_is_a_failure),
		cmocka_unit_test(a_failure_has_its_detail),
		cmocka_unit_test(a_form_is_encoded),
		cmocka_unit_test(addresses_are_https_and_plain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
