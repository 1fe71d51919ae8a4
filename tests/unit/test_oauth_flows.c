/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/code.h"
#include "oauth/device.h"
#include "oauth/pkce.h"
#include "oauth/qr.h"
#include "tests/lib/test_runtime.h"

#include "base/xalloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

/* RFC 7636 appendix B. */
static void the_challenge_is_the_one_of_the_rfc(void **state)
{
	(void)state;
	char challenge[OAUTH_CHALLENGE_SIZE];
	oauth_pkce_challenge(SPAN_LIT("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"), challenge);
	assert_string_equal(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static void fill_ones(const struct rng *rng, void *p, size_t len)
{
	(void)rng;
	memset(p, 0xff, len);
}

static void verifiers_are_long_and_differ(void **state)
{
	(void)state;
	AUTO(oauth_pkce) a = OAUTH_PKCE_INIT;
	AUTO(oauth_pkce) b = OAUTH_PKCE_INIT;
	AUTO(secret) ones = SECRET_INIT;
	const struct rng rng = {fill_ones};
	oauth_pkce_make(&a, &rng_system);
	oauth_pkce_make(&b, &rng_system);
	assert_int_equal(secret_reveal(&a.verifier).len, 43);
	assert_false(span_equal(secret_reveal(&a.verifier), secret_reveal(&b.verifier)));
	oauth_random_text(&rng, &ones);
	assert_string_equal(secret_reveal(&ones).ptr, "__________________________________________8");
}

/* ---- the address of the browser ---- */

static void the_address_has_what_is_public(void **state)
{
	(void)state;
	AUTO(oauth_settings) s = OAUTH_SETTINGS_INIT;
	AUTO(strbuf) out = STRBUF_INIT;
	s.value[OAUTH_AUTHORIZE_URL].text = xstrdup("https://login.example.org/auth?x=1");
	s.value[OAUTH_CLIENT_ID].text = xstrdup("my id&/");
	s.value[OAUTH_SCOPE].text = xstrdup("https://mail.example.org/ offline_access");
	s.provider.line[OAUTH_PROVIDER_PARAMETERS] = xstrdup("access_type=offline  prompt=consent");
	secret_set(&s.client_secret, "Canary", 6);
	oauth_code_address(&s, "http://127.0.0.1:80/", SPAN_LIT("st"), "ch", &out);
	assert_string_equal(out.buf,
			    "https://login.example.org/auth?x=1&response_type=code&client_id=my%20id%26%2F"
			    "&redirect_uri=http%3A%2F%2F127.0.0.1%3A80%2F"
			    "&scope=https%3A%2F%2Fmail.example.org%2F%20offline_access&state=st&code_challenge=ch"
			    "&code_challenge_method=S256&access_type=offline&prompt=consent");
}

/* ---- device codes ---- */

#define URL "https://login.example.org/device"
#define CODES              \
	"s\0device_code\0" \
	"d\0"              \
	"s\0user_code\0"   \
	"AB-CD\0"
#define ADDRESS                 \
	"s\0verification_uri\0" \
	"https://x.example/d\0"

/* Each member is TYPE NUL NAME NUL VALUE NUL here; the type is one letter. */
static void read_members(struct oauth_reply *reply, const char *members, size_t len)
{
	AUTO(secret) text = SECRET_INIT;
	static const char head[] = "answer\0"
				   "200\0"
				   "\0"
				   "json\0";
	secret_set(&text, head, sizeof(head) - 1);
	secret_append(&text, "\0", 1); /* no detail */
	for (const char *p = members; p < members + len;) {
		const char *name = p + strlen(p) + 1, *value = name + strlen(name) + 1;
		secret_append(&text, p, 1);
		secret_append(&text, name, strlen(name) + 1);
		secret_append(&text, value, strlen(value) + 1);
		p = value + strlen(value) + 1;
	}
	oauth_reply_read(reply, &text);
	assert_int_equal(reply->kind, OAUTH_REPLY_ANSWER);
}

#define ROW(members, ...)                                 \
	{                                                 \
		members, sizeof(members) - 1, __VA_ARGS__ \
	}

static void device_answers_are_read(void **state)
{
	(void)state;
	static const struct {
		const char *members;
		size_t len;
		bool ok;
		int64_t life_s, wait_s;
		const char *address, *with_code, *lacks;
	} rows[] = {
		ROW(CODES ADDRESS, true, 900, 5, "https://x.example/d", NULL, NULL),
		ROW(CODES ADDRESS "n\0expires_in\0"
				  "600\0"
				  "n\0interval\0"
				  "1\0",
		    true, 600, 1, "https://x.example/d", NULL, NULL),
		ROW(CODES ADDRESS "s\0expires_in\0"
				  "600\0"
				  "s\0interval\0"
				  "7\0",
		    true, 600, 7, "https://x.example/d", NULL, NULL),
		ROW(CODES ADDRESS "n\0expires_in\0"
				  "999999999\0"
				  "n\0interval\0"
				  "999999999\0",
		    true, 3600, 300, "https://x.example/d", NULL, NULL),
		ROW(CODES ADDRESS "n\0expires_in\0"
				  "0\0"
				  "n\0interval\0"
				  "-1\0",
		    true, 900, 5, "https://x.example/d", NULL, NULL),
		ROW(CODES "s\0verification_url\0"
			  "https://x.example/g\0",
		    true, 900, 5, "https://x.example/g", NULL, NULL),
		ROW(CODES ADDRESS "s\0verification_uri_complete\0"
				  "https://x.example/d?c=1\0",
		    true, 900, 5, "https://x.example/d", "https://x.example/d?c=1", NULL),
		ROW(CODES ADDRESS "s\0verification_uri_complete\0"
				  "javascript:x\0",
		    true, 900, 5, "https://x.example/d", NULL, NULL),
		ROW(CODES "s\0verification_uri\0"
			  "http://x.example/d\0",
		    false, 0, 0, NULL, NULL, "verification_uri"),
		ROW(CODES, false, 0, 0, NULL, NULL, "verification_uri"),
		ROW("s\0device_code\0"
		    "d\0" ADDRESS,
		    false, 0, 0, NULL, NULL, "user_code"),
		ROW("s\0user_code\0"
		    "u\0" ADDRESS,
		    false, 0, 0, NULL, NULL, "device_code"),
		ROW("n\0device_code\0"
		    "7\0"
		    "s\0user_code\0"
		    "u\0" ADDRESS,
		    false, 0, 0, NULL, NULL, "device_code"),
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
		AUTO(oauth_device) d = OAUTH_DEVICE_INIT;
		AUTO(error) err = ERROR_INIT;
		print_message("# row %zu\n", i);
		read_members(&reply, rows[i].members, rows[i].len);
		assert_int_equal(oauth_device_read(&d, &reply, URL, &err), rows[i].ok);
		if (!rows[i].ok) {
			assert_int_equal(err.status.kind, ERROR_PROTOCOL);
			assert_non_null(strstr(err.status.text, rows[i].lacks));
			assert_non_null(strstr(err.status.text, "login.example.org"));
			continue;
		}
		assert_int_equal(d.life_ms, rows[i].life_s * 1000);
		assert_int_equal(d.wait_ms, rows[i].wait_s * 1000);
		assert_string_equal(d.address, rows[i].address);
		assert_string_equal(d.address_with_code ? d.address_with_code : "",
				    rows[i].with_code ? rows[i].with_code : "");
		assert_string_equal(d.user_code, "AB-CD");
	}
}

static void a_user_code_is_shown_without_controls(void **state)
{
	(void)state;
	AUTO(oauth_reply) reply = OAUTH_REPLY_INIT;
	AUTO(oauth_device) d = OAUTH_DEVICE_INIT;
	static const char members[] = "s\0device_code\0"
				      "d\0"
				      "s\0user_code\0"
				      "A\033[2J\xc3\xa9\0" ADDRESS;
	read_members(&reply, members, sizeof(members) - 1);
	assert_true(oauth_device_read(&d, &reply, URL, NULL));
	assert_string_equal(d.user_code, "A?[2J\xc3\xa9");
}

/* ---- QR codes ---- */

static void codes_are_drawn_with_their_border(void **state)
{
	(void)state;
	AUTO(strbuf) out = STRBUF_INIT;
	static const char b[] = "\033[30;47m", e[] = "\033[0m\n";
	AUTO(strbuf) want = STRBUF_INIT;
	assert_true(oauth_qr_draw(SPAN_LIT("10\n11\n"), 10, &out));
	strbuf_addf(&want, "%s          %s%s          %s", b, e, b, e);
	strbuf_addf(&want, "%s    \xe2\x96\x88\xe2\x96\x84    %s", b, e);
	strbuf_addf(&want, "%s          %s%s          %s", b, e, b, e);
	assert_string_equal(out.buf, want.buf);
}

static void what_is_no_code_or_too_wide_is_not_drawn(void **state)
{
	(void)state;
	static const char *const rows[] = {"",	       "\n",	    "1",	  "10\n", "10\n1\n",
					   "10\n1x\n", "10\n11\n1", "10\n11\n\n", "101\n"};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) out = STRBUF_INIT;
		print_message("# row %zu\n", i);
		assert_false(oauth_qr_draw(span_of(rows[i]), 80, &out));
		assert_int_equal(out.len, 0);
	}
	AUTO(strbuf) out = STRBUF_INIT;
	assert_false(oauth_qr_draw(SPAN_LIT("10\n11\n"), 9, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_challenge_is_the_one_of_the_rfc),
		cmocka_unit_test(verifiers_are_long_and_differ),
		cmocka_unit_test(the_address_has_what_is_public),
		cmocka_unit_test(device_answers_are_read),
		cmocka_unit_test(a_user_code_is_shown_without_controls),
		cmocka_unit_test(codes_are_drawn_with_their_border),
		cmocka_unit_test(what_is_no_code_or_too_wide_is_not_drawn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
