/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes to the loopback address of a login, and what users paste: no code is taken without our state, another
 * server's answer is never one of ours, a request that was read is read again with anything after it, and the page
 * shows nothing of the request.
 */
#include "fuzz.h"

#include "oauth/redirect.h"

#define STATE "St-ate_0123456789"
#define ISSUER "https://login.example.org"

static const struct oauth_expected expectations[] = {
	{.port = 8123, .state = STATE},
	{.port = 8123, .state = STATE, .issuer = ISSUER},
	{.port = 8123, .state = STATE, .issuer = ISSUER, .iss_promised = true},
};

static void check_kind(const struct oauth_redirect *r)
{
	MUST(secret_is_set(&r->code) == (r->kind == OAUTH_REDIRECT_CODE));
	MUST(r->kind != OAUTH_REDIRECT_REFUSED || r->error);
	MUST(r->kind == OAUTH_REDIRECT_OTHER || r->kind == OAUTH_REDIRECT_REFUSED || !r->error);
	MUST(r->kind == OAUTH_REDIRECT_MIXED_UP || !r->issuer);
}

static void check_page(const struct oauth_redirect *r)
{
	AUTO(strbuf) page = STRBUF_INIT;
	struct span code = secret_reveal(&r->code);
	oauth_redirect_respond(r, "<&text>", &page);
	MUST(fuzz_has(strbuf_span(&page), SPAN_LIT("\r\n\r\n")));
	MUST(code.len < 40 || !fuzz_has(strbuf_span(&page), code));
}

static void check_request(struct span bytes, const struct oauth_expected *expected)
{
	AUTO(oauth_redirect) first = OAUTH_REDIRECT_INIT;
	AUTO(oauth_redirect) again = OAUTH_REDIRECT_INIT;
	AUTO(strbuf) longer = STRBUF_INIT;
	int got = oauth_redirect_read(bytes, expected, &first);
	check_kind(&first);
	MUST(got == 1 || first.kind == OAUTH_REDIRECT_OTHER);
	if (got == 0)
		return;
	check_page(&first);
	MUST((first.http == 200) == (first.kind != OAUTH_REDIRECT_OTHER));
	/* A state of letters, digits, "-" and "_" may also be percent-encoded. */
	MUST(first.kind == OAUTH_REDIRECT_OTHER || fuzz_has(bytes, SPAN_LIT(STATE)) ||
	     memchr(bytes.ptr, '%', bytes.len));
	strbuf_add_span(&longer, bytes);
	strbuf_adds(&longer, "more");
	MUST(oauth_redirect_read(strbuf_span(&longer), expected, &again) == got);
	MUST(again.kind == first.kind && again.http == first.http);
}

static void check_pasted(struct span line, const struct oauth_expected *expected)
{
	AUTO(oauth_redirect) r = OAUTH_REDIRECT_INIT;
	bool ok = oauth_redirect_read_pasted(line, expected, &r);
	check_kind(&r);
	MUST(ok == (r.kind != OAUTH_REDIRECT_OTHER));
	MUST(secret_reveal(&r.code).len <= line.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(strbuf) bytes = STRBUF_INIT;
	fuzz_unescape(span_make((const char *)data, size), &bytes);
	for (size_t i = 0; i < ARRAY_SIZE(expectations); i++) {
		check_request(strbuf_span(&bytes), &expectations[i]);
		check_pasted(strbuf_span(&bytes), &expectations[i]);
	}
	return 0;
}
