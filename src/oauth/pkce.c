/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/pkce.h"

#include "base/base64.h"
#include "tls/digest.h"

#define RANDOM_BYTES 32

/* RFC 4648 section 5, without padding. */
static void encode_url_safe(const unsigned char *bytes, size_t len, struct strbuf *out)
{
	base64_encode(out, span_make((const char *)bytes, len));
	while (out->len && out->buf[out->len - 1] == '=')
		strbuf_setlen(out, out->len - 1);
	for (size_t i = 0; i < out->len; i++) {
		if (out->buf[i] == '+')
			out->buf[i] = '-';
		if (out->buf[i] == '/')
			out->buf[i] = '_';
	}
}

void oauth_random_text(const struct rng *rng, struct secret *out)
{
	unsigned char bytes[RANDOM_BYTES];
	struct strbuf text = STRBUF_INIT;
	rng->fill(rng, bytes, sizeof(bytes));
	encode_url_safe(bytes, sizeof(bytes), &text);
	secret_set(out, text.buf, text.len);
	explicit_bzero(bytes, sizeof(bytes));
	strbuf_wipe(&text);
}

void oauth_pkce_challenge(struct span verifier, char out[OAUTH_CHALLENGE_SIZE])
{
	unsigned char digest[TLS_SHA256_SIZE];
	AUTO(strbuf) text = STRBUF_INIT;
	tls_digest_sha256(verifier, digest);
	encode_url_safe(digest, sizeof(digest), &text);
	memcpy(out, text.buf, OAUTH_CHALLENGE_SIZE);
}

void oauth_pkce_make(struct oauth_pkce *p, const struct rng *rng)
{
	oauth_random_text(rng, &p->verifier);
	oauth_pkce_challenge(secret_reveal(&p->verifier), p->challenge);
}

void oauth_pkce_release(struct oauth_pkce *p)
{
	secret_release(&p->verifier);
}
