/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "net/socks5.h"

#define LOGIN "\x05\x02"
#define OPEN "\x05\x00"
#define NAMED                  \
	"\x05\x01\x00\x03\x0b" \
	"example.org"          \
	"\x02\x4b" /* port 587 */
#define BOUND4 "\x05\x00\x00\x01\x7f\x00\x00\x01\x12\x34"

/* The whole dialogue with a script of the proxy, in portions of chunk. */
static bool dialogue(struct stream *s, const char *host, unsigned port, const char *user, struct span password,
		     struct error *err)
{
	AUTO(secret) secret = SECRET_INIT;
	if (user)
		secret_set(&secret, password.ptr, password.len);
	const struct proxy_request req = {.host = host,
					  .port = port,
					  .user = user,
					  .password = &secret,
					  .clock = &clock_system,
					  .deadline = DEADLINE_NEVER};
	return socks5_connect(s, &req, err);
}

static const struct {
	struct span reply;
	const char *user;
	enum error_kind kind;
	const char *words;
	struct span sent; /* ptr NULL: not looked at */
} rows[] = {
#define S(s)                     \
	{                        \
		s, sizeof(s) - 1 \
	}
	{S(OPEN BOUND4 "220 hi"), NULL, ERROR_NONE, NULL, S("\x05\x01\x00" NAMED)},
	{S(OPEN BOUND4 "220 hi"), "me", ERROR_NONE, NULL, S("\x05\x02\x00\x02" NAMED)},
	{S(LOGIN "\x01\x00" BOUND4 "220 hi"), "me", ERROR_NONE, NULL,
	 S("\x05\x02\x00\x02"
	   "\x01\x02me\x04s\0cr" NAMED)},
	{S(OPEN "\x05\x00\x00\x04"
		"0123456789abcdef"
		"pp220 hi"),
	 NULL,
	 ERROR_NONE,
	 NULL,
	 {NULL, 0}},
	{S(OPEN "\x05\x00\x00\x03\x04"
		"host"
		"pp220 hi"),
	 NULL,
	 ERROR_NONE,
	 NULL,
	 {NULL, 0}},
	{S(OPEN "\x05\x00\x00\x03\x00"
		"pp220 hi"),
	 NULL,
	 ERROR_NONE,
	 NULL,
	 {NULL, 0}},
	/* refusals, which may be cut after their code */
	{S(OPEN "\x05\x01"), NULL, ERROR_CONNECT, "general failure", {NULL, 0}},
	{S(OPEN "\x05\x02\x00\x01\0\0\0\0\0\0"), NULL, ERROR_SERVER_REFUSES, "rules", {NULL, 0}},
	{S(OPEN "\x05\x03"), NULL, ERROR_CONNECT, "network is unreachable", {NULL, 0}},
	{S(OPEN "\x05\x04"), NULL, ERROR_CONNECT, "host is unreachable", {NULL, 0}},
	{S(OPEN "\x05\x05"), NULL, ERROR_CONNECT, "refused the connection", {NULL, 0}},
	{S(OPEN "\x05\x06"), NULL, ERROR_CONNECT, "time to live", {NULL, 0}},
	{S(OPEN "\x05\x07"), NULL, ERROR_SERVER_REFUSES, "CONNECT", {NULL, 0}},
	{S(OPEN "\x05\x08"), NULL, ERROR_SERVER_REFUSES, "type of address", {NULL, 0}},
	{S(OPEN "\x05\x09"), NULL, ERROR_PROTOCOL, "is 9", {NULL, 0}},
	{S(OPEN "\x05\xff"), NULL, ERROR_PROTOCOL, "is 255", {NULL, 0}},
	/* logins */
	{S("\x05\xff"), NULL, ERROR_AUTH_REFUSED, "requires a login", S("\x05\x01\x00")},
	{S("\x05\xff"), "me", ERROR_AUTH_REFUSED, "neither a password", S("\x05\x02\x00\x02")},
	{S(LOGIN "\x01\x01"), "me", ERROR_AUTH_REFUSED, "user name or the password", {NULL, 0}},
	{S(LOGIN "\x01\xff"), "me", ERROR_AUTH_REFUSED, "user name or the password", {NULL, 0}},
	{S(LOGIN "\x05\x00" BOUND4), "me", ERROR_PROTOCOL, "login reply is 5", {NULL, 0}},
	{S(LOGIN "\x01\x00" BOUND4), NULL, ERROR_PROTOCOL, "which was not offered", S("\x05\x01\x00")},
	{S("\x05\x01" BOUND4), "me", ERROR_PROTOCOL, "which was not offered", S("\x05\x02\x00\x02")}, /* GSSAPI */
	/* something else than a proxy */
	{S("220 mail.example.org ESMTP\r\n"), NULL, ERROR_PROTOCOL, "does not speak SOCKS5", {NULL, 0}},
	{S("\x04\x00"), NULL, ERROR_PROTOCOL, "is 4", {NULL, 0}},
	{S(OPEN "\x04\x00\x00\x01\0\0\0\0\0\0"), NULL, ERROR_PROTOCOL, "version", {NULL, 0}},
	{S(OPEN "\x05\x00\x01\x01\0\0\0\0\0\0"), NULL, ERROR_PROTOCOL, "reserved", {NULL, 0}},
	{S(OPEN "\x05\x00\x00\x02\0\0\0\0\0\0"), NULL, ERROR_PROTOCOL, "type of the address", {NULL, 0}},
};

static void every_dialogue_ends_the_same_in_any_segmentation(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t chunk = 1; chunk < 40; chunk += chunk < 8 ? 1 : 31) {
			AUTO(strbuf) sent = STRBUF_INIT;
			AUTO(error) err = ERROR_INIT;
			AUTO_PTR(stream) s = stream_mem_new(rows[i].reply, chunk, &sent);
			bool ok = dialogue(s, "example.org", 587, rows[i].user, SPAN_LIT("s\0cr"), &err);
			assert_int_equal(ok, rows[i].kind == ERROR_NONE);
			assert_int_equal(err.status.kind, rows[i].kind);
			if (rows[i].sent.ptr)
				assert_true(span_equal(strbuf_span(&sent), rows[i].sent));
			if (!ok) {
				assert_string_equal(err.status.stage, "SOCKS proxy");
				if (!strstr(err.status.text, rows[i].words))
					fail_msg("row %zu: \"%s\" lacks \"%s\"", i, err.status.text, rows[i].words);
				continue;
			}
			char rest[16] = "";
			size_t n;
			for (size_t at = 0; stream_read(s, rest + at, sizeof(rest) - at, &n, NULL) == STREAM_OK;)
				at += n;
			assert_string_equal(rest, "220 hi"); /* the target's words are untouched */
		}
	}
}

static void a_proxy_that_leaves_early_is_a_lost_connection(void **state)
{
	(void)state;
	static const struct span whole[] = {S(LOGIN "\x01\x00" BOUND4),
					    S(LOGIN "\x01\x00"
						    "\x05\x00\x00\x03\x04"
						    "hostpp"),
					    S(LOGIN "\x01\x00"
						    "\x05\x00\x00\x04"
						    "0123456789abcdefpp")};
	for (size_t i = 0; i < ARRAY_SIZE(whole); i++) {
		for (size_t len = 0; len <= whole[i].len; len++) {
			AUTO(error) err = ERROR_INIT;
			AUTO_PTR(stream) s = stream_mem_new(span_sub(whole[i], 0, len), 3, NULL);
			assert_int_equal(dialogue(s, "example.org", 587, "me", SPAN_LIT("secret"), &err),
					 len == whole[i].len);
			assert_int_equal(err.status.kind, len == whole[i].len ? ERROR_NONE : ERROR_CONNECTION_LOST);
		}
	}
}

static void targets_go_as_names_or_addresses(void **state)
{
	(void)state;
	static const struct {
		const char *host;
		unsigned port;
		struct span sent;
	} targets[] = {
		{"192.0.2.1", 25, S("\x05\x01\x00\x01\xc0\x00\x02\x01\x00\x19")},
		{"2001:db8::1", 65535, S("\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xff\xff")},
		{"[::1]", 465, S("\x05\x01\x00\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xd1")},
		{"x.onion", 256, S("\x05\x01\x00\x03\x07x.onion\x01\x00")},
	};
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		AUTO(strbuf) sent = STRBUF_INIT;
		AUTO_PTR(stream) s = stream_mem_new((struct span)S(OPEN BOUND4), 1, &sent);
		assert_true(dialogue(s, targets[i].host, targets[i].port, NULL, SPAN_LIT(""), NULL));
		assert_true(span_equal(span_sub(strbuf_span(&sent), 3, sent.len), targets[i].sent));
	}
}

static void names_and_passwords_have_their_limits(void **state)
{
	(void)state;
	char text[257];
	memset(text, 'a', sizeof(text));
	text[256] = '\0';
	static const struct {
		size_t host, user, password;
		unsigned port;
		bool ok;
	} limits[] = {
		{255, 255, 255, 65535, true}, {1, 1, 1, 0, true},     {256, 1, 1, 25, false},
		{0, 1, 1, 25, false},	      {1, 256, 1, 25, false}, {1, 0, 1, 25, false},
		{1, 1, 256, 25, false},	      {1, 1, 0, 25, false},   {1, 1, 1, 65536, false},
	};
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		AUTO(strbuf) sent = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_PTR(stream) s = stream_mem_new((struct span)S(LOGIN "\x01\x00" BOUND4), 5, &sent);
		bool ok = dialogue(s, text + 256 - limits[i].host, limits[i].port, text + 256 - limits[i].user,
				   span_make(text, limits[i].password), &err);
		assert_int_equal(ok, limits[i].ok);
		assert_int_equal(err.status.kind, limits[i].ok ? ERROR_NONE : ERROR_CONFIG);
		assert_int_equal(sent.len,
				 limits[i].ok ? 4 + 3 + limits[i].user + limits[i].password + 7 + limits[i].host : 0);
	}
}

static void no_error_shows_the_password(void **state)
{
	(void)state;
	static const struct span replies[] = {S(LOGIN "\x01\x01"), S(LOGIN), S(LOGIN "\x07\x07"),
					      S(LOGIN "\x01\x00\x05\x02")};
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO_PTR(stream) s = stream_mem_new(replies[i], 1, NULL);
		assert_false(dialogue(s, "example.org", 25, "me", SPAN_LIT("canary"), &err));
		assert_null(strstr(err.status.text, "canary"));
		assert_true(!err.status.hint || !strstr(err.status.hint, "canary"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_dialogue_ends_the_same_in_any_segmentation),
		cmocka_unit_test(a_proxy_that_leaves_early_is_a_lost_connection),
		cmocka_unit_test(targets_go_as_names_or_addresses),
		cmocka_unit_test(names_and_passwords_have_their_limits),
		cmocka_unit_test(no_error_shows_the_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
