/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/strbuf.h"
#include "net/http_connect.h"

#define OK "HTTP/1.1 200 Connection established\r\n\r\n"
#define GREETING "220 hi"
#define REQUEST "CONNECT example.org:587 HTTP/1.1\r\nHost: example.org:587\r\n"
#define LOGIN "Proxy-Authorization: Basic bWU6czpjcg==\r\n" /* me:s:cr */

static bool dialogue(struct stream **s, const char *host, const char *user, const char *password, struct error *err)
{
	AUTO(secret) secret = SECRET_INIT;
	secret_set(&secret, password, strlen(password));
	const struct proxy_request req = {.host = host,
					  .port = 587,
					  .user = user,
					  .password = &secret,
					  .clock = &clock_system,
					  .deadline = DEADLINE_NEVER};
	return http_connect(s, &req, err);
}

static const struct {
	const char *reply, *user;
	enum error_kind kind;
	const char *words, *hint;
} rows[] = {
	{OK GREETING, NULL, ERROR_NONE, NULL, NULL},
	{OK GREETING, "me", ERROR_NONE, NULL, NULL},
	{"HTTP/1.0 200\r\n\r\n" GREETING, NULL, ERROR_NONE, NULL, NULL},
	{"HTTP/1.1 200 \n\n" GREETING, NULL, ERROR_NONE, NULL, NULL},
	{"HTTP/1.1 299 x\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n" GREETING, NULL, ERROR_NONE, NULL,
	 NULL},
	{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: y\r\n\r\n" OK GREETING, NULL, ERROR_NONE, NULL, NULL},
	/* logins */
	{"HTTP/1.1 407 no\r\n\r\n", NULL, ERROR_AUTH_REFUSED, "requires a login", "proxy_user"},
	{"HTTP/1.1 407 no\r\nProxy-Authenticate: Basic realm=\"Digest\"\r\n\r\n", "me", ERROR_AUTH_REFUSED,
	 "user name or the password", "proxy_password"},
	{"HTTP/1.1 407 no\r\nproxy-authenticate: NTLM\r\nPROXY-AUTHENTICATE:basic realm=x\r\n\r\n", "me",
	 ERROR_AUTH_REFUSED, "user name or the password", "proxy_password"},
	{"HTTP/1.1 407 no\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: Digest realm=\"x\"\r\n\r\n", "me",
	 ERROR_AUTH_REFUSED, "these logins only: Negotiate, Digest", "Basic"},
	/* refusals */
	{"HTTP/1.1 403 Forbidden\r\n\r\n<html>", NULL, ERROR_SERVER_REFUSES,
	 "does not connect to example.org port 587: HTTP 403 Forbidden", "port 443 only"},
	{"HTTP/1.1 400\r\n\r\n", NULL, ERROR_SERVER_REFUSES, "HTTP 400", "port 443 only"},
	{"HTTP/1.1 405 x\r\n\r\n", NULL, ERROR_SERVER_REFUSES, "HTTP 405", "CONNECT"},
	{"HTTP/1.1 501 x\r\n\r\n", NULL, ERROR_SERVER_REFUSES, "HTTP 501", "CONNECT"},
	{"HTTP/1.1 505 x\r\n\r\n", NULL, ERROR_SERVER_REFUSES, "HTTP 505", "HTTP/1.1"},
	{"HTTP/1.1 302 Found\r\nLocation: http://login\r\n\r\n", NULL, ERROR_SERVER_REFUSES, "HTTP 302", "browser"},
	{"HTTP/1.1 502 Bad Gateway\r\n\r\n", NULL, ERROR_CONNECT, "HTTP 502 Bad Gateway", "may pass"},
	{"HTTP/1.1 503 \033[2J\r\n\r\n", NULL, ERROR_CONNECT, "HTTP 503 ?[2J", "may pass"},
	{"HTTP/1.1 504 x\r\n\r\n", NULL, ERROR_CONNECT, "HTTP 504", "may pass"},
	{"HTTP/1.1 408 x\r\n\r\n", NULL, ERROR_CONNECT, "HTTP 408", NULL},
	{"HTTP/1.1 429 x\r\n\r\n", NULL, ERROR_CONNECT, "HTTP 429", NULL},
	/* something else than a proxy */
	{"HTTP/1.1 101 Switching Protocols\r\n\r\n" OK, NULL, ERROR_PROTOCOL, "no HTTP status", "proxy_type"},
	{"HTTP/1.1 600 x\r\n\r\n", NULL, ERROR_PROTOCOL, "no HTTP status", "proxy_type"},
	{"HTTP/1.1 099 x\r\n\r\n", NULL, ERROR_PROTOCOL, "no HTTP status", "proxy_type"},
	{"HTTP/1.1 20 x\r\n\r\n", NULL, ERROR_PROTOCOL, "no HTTP status", "proxy_type"},
	{"HTTP/1.1 2000 x\r\n\r\n", NULL, ERROR_PROTOCOL, "no HTTP status", "proxy_type"},
	{"HTTP/1.1\r\n\r\n", NULL, ERROR_PROTOCOL, "no HTTP status", "proxy_type"},
	{"HTTP/\n\n", NULL, ERROR_PROTOCOL, "no HTTP status", "proxy_type"},
	{"220 mail.example.org ESMTP\r\n", NULL, ERROR_PROTOCOL, "does not speak HTTP", "proxy_type"},
	{"\x05\xff", NULL, ERROR_PROTOCOL, "does not speak HTTP", "proxy_type"},
	{"\r\n" OK, NULL, ERROR_PROTOCOL, "does not speak HTTP", "proxy_type"},
	{"HTTP/1.1 100 Continue\r\n\r\n220 hi\r\n", NULL, ERROR_PROTOCOL, "does not speak HTTP", "proxy_type"},
};

static void must_say(size_t row, const char *text, const char *words)
{
	if (words ? !text || !strstr(text, words) : text != NULL)
		fail_msg("row %zu: \"%s\" lacks \"%s\"", row, text ? text : "", words ? words : "");
}

static void read_rest(struct stream *s, struct strbuf *rest)
{
	char buf[3];
	for (size_t n; stream_read(s, buf, sizeof(buf), &n, NULL) == STREAM_OK;)
		strbuf_add(rest, buf, n);
}

static void every_dialogue_ends_the_same_in_any_segmentation(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t chunk = 1; chunk < 4000; chunk += chunk < 50 ? 1 : 3000) {
			AUTO(strbuf) sent = STRBUF_INIT, rest = STRBUF_INIT;
			AUTO(error) err = ERROR_INIT;
			struct stream *s = stream_mem_new(span_of(rows[i].reply), chunk, &sent);
			bool ok = dialogue(&s, "example.org", rows[i].user, "s:cr", &err);
			assert_int_equal(err.status.kind, rows[i].kind);
			assert_int_equal(ok, rows[i].kind == ERROR_NONE);
			assert_string_equal(sent.buf, rows[i].user ? REQUEST LOGIN "\r\n" : REQUEST "\r\n");
			if (ok) {
				assert_true(s->ops->pending(s));
				read_rest(s, &rest);
				assert_string_equal(rest.buf, GREETING);
			} else {
				assert_string_equal(err.status.stage, "HTTP proxy");
				must_say(i, err.status.text, rows[i].words);
				must_say(i, err.status.hint, rows[i].hint);
			}
			stream_free(s);
		}
	}
}

static void a_proxy_that_leaves_early_is_a_lost_connection(void **state)
{
	(void)state;
	const struct span whole = span_of("HTTP/1.1 100 x\r\n\r\nHTTP/1.1 200 x\r\nVia: y\r\n\r\n");
	for (size_t len = 0; len <= whole.len; len++) {
		AUTO(error) err = ERROR_INIT;
		struct stream *s = stream_mem_new(span_sub(whole, 0, len), 7, NULL);
		assert_int_equal(dialogue(&s, "example.org", NULL, "", &err), len == whole.len);
		assert_int_equal(err.status.kind, len == whole.len ? ERROR_NONE : ERROR_CONNECTION_LOST);
		stream_free(s);
	}
}

static void what_is_written_goes_to_the_target(void **state)
{
	(void)state;
	AUTO(strbuf) sent = STRBUF_INIT, rest = STRBUF_INIT;
	struct stream *s = stream_mem_new(span_of(OK GREETING), SIZE_MAX, &sent);
	assert_true(dialogue(&s, "example.org", NULL, "", NULL));
	strbuf_reset(&sent);
	assert_true(stream_write_all(s, "EHLO x\r\n", 8, &clock_system, DEADLINE_NEVER, NULL));
	assert_string_equal(sent.buf, "EHLO x\r\n");
	read_rest(s, &rest);
	assert_string_equal(rest.buf, GREETING);
	stream_finish(s);
	stream_free(s);
}

/* Of one long field, many short ones, and many interim responses the end is never read. */
static void a_response_has_an_end(void **state)
{
	(void)state;
	static const char *const parts[] = {"x", "X: y\r\n", "\r\nHTTP/1.1 100 x\r\n"};
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		AUTO(strbuf) text = STRBUF_INIT, rest = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		strbuf_adds(&text, i == 2 ? "HTTP/1.1 100 x\r\n" : "HTTP/1.1 200 x\r\n");
		while (text.len < 2 * HTTP_CONNECT_MAX)
			strbuf_adds(&text, parts[i]);
		strbuf_adds(&text, i == 2 ? "\r\n" OK : "\r\n\r\n");
		struct stream *s = stream_mem_new(strbuf_span(&text), SIZE_MAX, NULL);
		assert_false(dialogue(&s, "example.org", NULL, "", &err));
		assert_int_equal(err.status.kind, ERROR_PROTOCOL);
		must_say(i, err.status.text, "too long");
		read_rest(s, &rest);
		assert_int_equal(text.len - rest.len, HTTP_CONNECT_MAX);
		stream_free(s);
	}
}

static void targets_stand_as_http_wants_them(void **state)
{
	(void)state;
	static const struct {
		const char *host, *target; /* NULL: it cannot be sent */
	} targets[] = {
		{"192.0.2.1", "192.0.2.1:587"},
		{"2001:db8::1", "[2001:db8::1]:587"},
		{"[::1]", "[::1]:587"},
		{"a_b.x.onion", "a_b.x.onion:587"},
		{"", NULL},
		{"a b", NULL},
		{"a\r\nX: y", NULL},
		{"a/b", NULL},
		{"a@b", NULL},
		{"a:25", NULL},
		{"[a]", NULL},
		{"m\xc3\xbcller.example", NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		AUTO(strbuf) sent = STRBUF_INIT, wanted = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		struct stream *s = stream_mem_new(span_of(OK), 99, &sent);
		assert_int_equal(dialogue(&s, targets[i].host, NULL, "", &err), targets[i].target != NULL);
		if (targets[i].target)
			strbuf_addf(&wanted, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", targets[i].target,
				    targets[i].target);
		else
			assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_string_equal(sent.buf, wanted.buf);
		stream_free(s);
	}
}

static void logins_that_would_be_read_otherwise_are_not_sent(void **state)
{
	(void)state;
	static const struct {
		const char *user, *password, *words;
	} logins[] = {
		{"a:b", "x", "user name"},
		{"a\nb", "x", "user name"},
		{"a\x7f", "x", "user name"},
		{"a", "x\ty", "password"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(logins); i++) {
		AUTO(strbuf) sent = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		struct stream *s = stream_mem_new(span_of(OK), 99, &sent);
		assert_false(dialogue(&s, "example.org", logins[i].user, logins[i].password, &err));
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		must_say(i, err.status.text, logins[i].words);
		assert_int_equal(sent.len, 0);
		stream_free(s);
	}
}

static void no_error_shows_the_login(void **state)
{
	(void)state;
	static const char *const replies[] = {"HTTP/1.1 407 canary\r\nProxy-Authenticate: Basic\r\n\r\n",
					      "HTTP/1.1 403 canary\r\n\r\n",
					      "HTTP/1.1 502 got Basic bWU6Y2FuYXJ5\r\n\r\n"};
	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		AUTO(error) err = ERROR_INIT;
		struct stream *s = stream_mem_new(span_of(replies[i]), 99, NULL);
		assert_false(dialogue(&s, "example.org", "me", "canary", &err));
		assert_null(strstr(err.status.text, "canary"));
		assert_null(strstr(err.status.text, "bWU6Y2FuYXJ5"));
		assert_null(strstr(err.status.hint, "canary"));
		stream_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_dialogue_ends_the_same_in_any_segmentation),
		cmocka_unit_test(a_proxy_that_leaves_early_is_a_lost_connection),
		cmocka_unit_test(what_is_written_goes_to_the_target),
		cmocka_unit_test(a_response_has_an_end),
		cmocka_unit_test(targets_stand_as_http_wants_them),
		cmocka_unit_test(logins_that_would_be_read_otherwise_are_not_sent),
		cmocka_unit_test(no_error_shows_the_login),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
