/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/redirect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define STATE "St-ate_0123456789"
#define ISSUER "https://login.example.org"
#define GOOD "/?code=C0de%2Fx&state=" STATE
#define GET(target) "GET " target " HTTP/1.1\r\n" HOST "\r\n"
#define HOST "Host: 127.0.0.1:8123\r\n"
#define OTHER OAUTH_REDIRECT_OTHER
#define CODE OAUTH_REDIRECT_CODE
#define REFUSED OAUTH_REDIRECT_REFUSED
#define MIXED_UP OAUTH_REDIRECT_MIXED_UP

static const struct oauth_expected plain = {.port = 8123, .state = STATE};
static const struct oauth_expected issuer = {.port = 8123, .state = STATE, .issuer = ISSUER};
static const struct oauth_expected promised = {.port = 8123, .state = STATE, .issuer = ISSUER, .iss_promised = true};

/* ---- requests ---- */

static const struct request_row {
	const char *bytes;
	int got;
	enum oauth_redirect_kind kind;
	int http;
} requests[] = {
	/* the answer */
	{GET(GOOD), 1, CODE, 200},
	{"GET " GOOD " HTTP/1.0\r\n" HOST "\r\n", 1, CODE, 200},
	{"GET " GOOD " HTTP/1.1\n"
	 "Host: localhost:8123\n\n",
	 1, CODE, 200},
	{"GET " GOOD " HTTP/1.1\r\nhost:[::1]:8123\r\nX: y\r\n\r\n", 1, CODE, 200},
	{GET("/?state=" STATE "&scope=a+b&code=x"), 1, CODE, 200},
	{GET("/?code=x&state=" STATE "&iss=https%3A%2F%2Fany.example.org"), 1, CODE, 200},
	{GET("/?error=access_denied&error_description=no%20no&state=" STATE), 1, REFUSED, 200},
	/* another or no state, nothing in it, both at once */
	{GET("/?code=x&state=wrong"), 1, OTHER, 400},
	{GET("/?code=x&state=" STATE "x"), 1, OTHER, 400},
	{GET("/?code=x"), 1, OTHER, 400},
	{GET("/?state=" STATE), 1, OTHER, 400},
	{GET("/?code=&state=" STATE), 1, OTHER, 400},
	{GET("/?error=access_denied"), 1, OTHER, 400},
	{GET("/?error=access_denied&state=wrong"), 1, OTHER, 400},
	{GET("/?code=x&error=y&state=" STATE), 1, OTHER, 400},
	{GET("/"), 1, OTHER, 400},
	{GET("/?"), 1, OTHER, 400},
	{GET("/?&&="), 1, OTHER, 400},
	/* twice (RFC 6749 section 3.1), malformed, with control characters */
	{GET("/?code=x&code=y&state=" STATE), 1, OTHER, 400},
	{GET("/?code=x&state=" STATE "&state=" STATE), 1, OTHER, 400},
	{GET("/?code=%zz&state=" STATE), 1, OTHER, 400},
	{GET("/?code=%4&state=" STATE), 1, OTHER, 400},
	{GET("/?code=x%00y&state=" STATE), 1, OTHER, 400},
	{GET("/?code=x%0ay&state=" STATE), 1, OTHER, 400},
	{GET("/?code=x%1by&state=" STATE), 1, OTHER, 400},
	/* other requests of browsers */
	{GET("/favicon.ico"), 1, OTHER, 404},
	{GET("/other?code=x&state=" STATE), 1, OTHER, 404},
	{"OPTIONS " GOOD " HTTP/1.1\r\n" HOST "Access-Control-Request-Method: GET\r\n\r\n", 1, OTHER, 405},
	{"HEAD " GOOD " HTTP/1.1\r\n" HOST "\r\n", 1, OTHER, 405},
	{"POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\ncode=", 1, OTHER, 405},
	{"POST " GOOD " HTTP/1.1\r\n" HOST "\r\n", 1, OTHER, 405},
	{"get " GOOD " HTTP/1.1\r\n" HOST "\r\n", 1, OTHER, 405},
	/* another host: a page whose name was made to point here */
	{"GET " GOOD " HTTP/1.1\r\nHost: evil.example\r\n\r\n", 1, OTHER, 400},
	{"GET " GOOD " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 1, OTHER, 400},
	{"GET " GOOD " HTTP/1.1\r\nHost: 127.0.0.1:81\r\n\r\n", 1, OTHER, 400},
	{"GET " GOOD " HTTP/1.1\r\nHost: localhost:8123.evil.example\r\n\r\n", 1, OTHER, 400},
	{"GET " GOOD " HTTP/1.1\r\n" HOST HOST "\r\n", 1, OTHER, 400},
	{"GET " GOOD " HTTP/1.1\r\nX-Host: 127.0.0.1:8123\r\n\r\n", 1, OTHER, 400},
	{"GET http://127.0.0.1:8123" GOOD " HTTP/1.1\r\n" HOST "\r\n", 1, OTHER, 404},
	/* no HTTP */
	{"\r\n\r\n", 1, OTHER, 400},
	{"hello\r\n\r\n", 1, OTHER, 400},
	{"GET\r\n\r\n", 1, OTHER, 400},
	{"GET " GOOD "\r\n" HOST "\r\n", 1, OTHER, 400},
	{"GET " GOOD " HTTP/2.0\r\n" HOST "\r\n", 1, OTHER, 400},
	{"GET " GOOD " extra HTTP/1.1\r\n" HOST "\r\n", 1, OTHER, 400},
	{"\x16\x03\x01\x02", -1, OTHER, 400},
	/* incomplete: a connection that was opened in advance says nothing */
	{"", 0, OTHER, 0},
	{"G", 0, OTHER, 0},
	{"GET " GOOD " HTTP/1.1\r\n", 0, OTHER, 0},
	{"GET " GOOD " HTTP/1.1\r\n" HOST, 0, OTHER, 0},
	{"GET " GOOD " HTTP/1.1\r\n" HOST "\r", 0, OTHER, 0},
};

static void requests_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		const struct request_row *row = &requests[i];
		AUTO(oauth_redirect) out = OAUTH_REDIRECT_INIT;
		print_message("# row %zu\n", i);
		assert_int_equal(oauth_redirect_read(span_of(row->bytes), &plain, &out), row->got);
		assert_int_equal(out.kind, row->kind);
		assert_int_equal(out.http, row->http);
		assert_int_equal(secret_is_set(&out.code), row->kind == CODE);
	}
}

static void the_values_are_decoded(void **state)
{
	(void)state;
	AUTO(oauth_redirect) code = OAUTH_REDIRECT_INIT;
	AUTO(oauth_redirect) error = OAUTH_REDIRECT_INIT;
	assert_int_equal(oauth_redirect_read(span_of(GET(GOOD)), &plain, &code), 1);
	assert_string_equal(secret_reveal(&code.code).ptr, "C0de/x");
	assert_int_equal(oauth_redirect_read(span_of(GET("/?state=" STATE "&error=a%2Bb&error_description=no+no")),
					     &plain, &error),
			 1);
	assert_string_equal(error.error, "a+b");
	assert_string_equal(error.description, "no no");
}

static void an_answer_of_another_server_is_refused(void **state)
{
	(void)state;
	static const struct {
		const char *target;
		const struct oauth_expected *expected;
		enum oauth_redirect_kind kind;
		const char *issuer;
	} rows[] = {
		{GET("/?code=x&state=" STATE "&iss=https%3A%2F%2Flogin.example.org"), &issuer, CODE, NULL},
		{GET("/?code=x&state=" STATE "&iss=" ISSUER), &promised, CODE, NULL},
		{GET("/?code=x&state=" STATE), &issuer, CODE, NULL},
		{GET("/?code=x&state=" STATE), &promised, MIXED_UP, NULL},
		{GET("/?error=x&state=" STATE), &promised, MIXED_UP, NULL},
		{GET("/?code=x&state=" STATE "&iss=" ISSUER "/"), &issuer, MIXED_UP, ISSUER "/"},
		{GET("/?code=x&state=" STATE "&iss=HTTPS://login.example.org"), &issuer, MIXED_UP,
		 "HTTPS://login.example.org"},
		{GET("/?code=x&state=" STATE "&iss=https://evil.example"), &promised, MIXED_UP, "https://evil.example"},
		{GET("/?error=x&state=" STATE "&iss=https://evil.example"), &issuer, MIXED_UP, "https://evil.example"},
		{GET("/?code=x&state=wrong&iss=https://evil.example"), &issuer, OTHER, NULL},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(oauth_redirect) out = OAUTH_REDIRECT_INIT;
		print_message("# row %zu\n", i);
		assert_int_equal(oauth_redirect_read(span_of(rows[i].target), rows[i].expected, &out), 1);
		assert_int_equal(out.kind, rows[i].kind);
		assert_int_equal(secret_is_set(&out.code), rows[i].kind == CODE);
		assert_string_equal(out.issuer ? out.issuer : "", rows[i].issuer ? rows[i].issuer : "");
	}
}

/* 16 KiB of a request are read, and no more. */
static void the_length_is_limited(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		AUTO(strbuf) request = STRBUF_INIT;
		AUTO(oauth_redirect) out = OAUTH_REDIRECT_INIT;
		strbuf_adds(&request, "GET " GOOD " HTTP/1.1\r\n" HOST "X: ");
		size_t rest = OAUTH_REDIRECT_LIMIT - request.len - 1;
		for (size_t n = 0; n < rest + i; n++)
			strbuf_addch(&request, 'x');
		assert_int_equal(oauth_redirect_read(strbuf_span(&request), &plain, &out), 0);
		strbuf_adds(&request, "\r\n\r\n");
		assert_int_equal(oauth_redirect_read(strbuf_span(&request), &plain, &out), i ? -1 : 1);
		assert_int_equal(out.http, i ? 431 : 200);
	}
}

static void nul_and_https_are_no_request(void **state)
{
	(void)state;
	AUTO(oauth_redirect) out = OAUTH_REDIRECT_INIT;
	static const char nul[] = "GET /?a=\0 HTTP/1.1\r\n\r\n";
	assert_int_equal(oauth_redirect_read(span_make(nul, sizeof(nul) - 1), &plain, &out), -1);
	assert_int_equal(out.http, 400);
	assert_false(out.tls);
	assert_int_equal(oauth_redirect_read(SPAN_LIT("\x16\x03\x01"), &plain, &out), -1);
	assert_true(out.tls);
}

/* ---- what users paste ---- */

#define PASTED "http://127.0.0.1:8123/?code=C0de&state=" STATE

static const struct pasted_row {
	const char *line;
	const struct oauth_expected *expected;
	enum oauth_redirect_kind kind;
	const char *code;
} pasted[] = {
	{PASTED, &plain, CODE, "C0de"},
	{"  " PASTED " \r", &plain, CODE, "C0de"},
	{"\"" PASTED "\"", &plain, CODE, "C0de"},
	{"<" PASTED ">", &plain, CODE, "C0de"},
	{"' " PASTED "'", &plain, CODE, "C0de"},
	{PASTED "#fragment", &plain, CODE, "C0de"},
	{"code=C0de&state=" STATE, &plain, CODE, "C0de"},
	{"?code=C0de&state=" STATE, &plain, CODE, "C0de"},
	{"127.0.0.1:8123/?state=" STATE "&code=C0de", &plain, CODE, "C0de"},
	{"http%3A%2F%2F127.0.0.1%3A8123%2F%3Fcode%3DC0de%26state%3D" STATE, &plain, CODE, "C0de"},
	{"https://accounts.example/approval?next=http%3A%2F%2F127.0.0.1%3A8123%2F%3Fcode%3DC0de%26state%3D" STATE,
	 &plain, CODE, "C0de"},
	{"https://accounts.example/approval?code=C0de&state=" STATE, &plain, CODE, "C0de"},
	{"http://127.0.0.1:8123/?error=access_denied&state=" STATE, &plain, REFUSED, NULL},
	{PASTED "&iss=https://evil.example", &issuer, MIXED_UP, NULL},
	{PASTED, &promised, MIXED_UP, NULL},
	/* the code alone, but not where the server promised to say who it is */
	{"4/0AY0e-g7_code.x~", &plain, CODE, "4/0AY0e-g7_code.x~"},
	{" 4/0AY0e-g7_code.x~ ", &plain, CODE, "4/0AY0e-g7_code.x~"},
	{"4/0AY0e-g7_code.x~", &promised, OTHER, NULL},
	/* neither */
	{"", &plain, OTHER, NULL},
	{" ", &plain, OTHER, NULL},
	{"y", &plain, OTHER, NULL},
	{"nonsense", &plain, OTHER, NULL},
	{"what do I do", &plain, OTHER, NULL},
	{"http://127.0.0.1:8123/?code=C0de&state=wrong", &plain, OTHER, NULL},
	{"http://127.0.0.1:8123/?code=C0de", &plain, OTHER, NULL},
	{"http://127.0.0.1:8123/", &plain, OTHER, NULL},
	{"https://accounts.example/consent?client_id=7&state=" STATE, &plain, OTHER, NULL},
	{"\"", &plain, OTHER, NULL},
};

static void pasted_lines_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pasted); i++) {
		const struct pasted_row *row = &pasted[i];
		AUTO(oauth_redirect) out = OAUTH_REDIRECT_INIT;
		print_message("# row %zu\n", i);
		assert_int_equal(oauth_redirect_read_pasted(span_of(row->line), row->expected, &out),
				 row->kind != OTHER);
		assert_int_equal(out.kind, row->kind);
		if (row->code)
			assert_string_equal(secret_reveal(&out.code).ptr, row->code);
		else
			assert_false(secret_is_set(&out.code));
	}
}

/* ---- responses ---- */

static void responses_are_complete_and_escaped(void **state)
{
	(void)state;
	static const struct {
		int http;
		bool without_body;
		const char *has, *has_not;
	} rows[] = {
		{200, false, "HTTP/1.1 200 OK\r\n", "Allow:"},
		{200, false, "\r\nCache-Control: no-store\r\n", NULL},
		{200, false, "\r\nReferrer-Policy: no-referrer\r\n", NULL},
		{200, false, "&lt;b&gt; &amp; c", "<b>"},
		{405, false, "\r\nAllow: GET\r\n", NULL},
		{405, true, "HTTP/1.1 405 ", "<p>"},
		{404, false, "HTTP/1.1 404 ", "Allow:"},
		{431, false, "HTTP/1.1 431 ", "Allow:"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		struct oauth_redirect r = {.http = rows[i].http, .without_body = rows[i].without_body};
		print_message("# row %zu\n", i);
		oauth_redirect_respond(&r, "<b> & c", &out);
		assert_non_null(strstr(out.buf, rows[i].has));
		if (rows[i].has_not)
			assert_null(strstr(out.buf, rows[i].has_not));
		const char *body = strstr(out.buf, "\r\n\r\n") + 4;
		AUTO(strbuf) length = STRBUF_INIT;
		strbuf_addf(&length, "\r\nContent-Length: %zu\r\n", strlen(body));
		if (!rows[i].without_body)
			assert_non_null(strstr(out.buf, length.buf));
		else
			assert_string_equal(body, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_told_apart),
		cmocka_unit_test(the_values_are_decoded),
		cmocka_unit_test(an_answer_of_another_server_is_refused),
		cmocka_unit_test(the_length_is_limited),
		cmocka_unit_test(nul_and_https_are_no_request),
		cmocka_unit_test(pasted_lines_are_read),
		cmocka_unit_test(responses_are_complete_and_escaped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
