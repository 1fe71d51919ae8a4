/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/digest.h"

#include <nettle/pbkdf2.h>
#include <nettle/sha2.h>
#include <nettle/version.h>

void tls_digest_sha256(struct span text, unsigned char out[TLS_SHA256_SIZE])
{
	struct sha256_ctx ctx;
	sha256_init(&ctx);
	sha256_update(&ctx, text.len, (const unsigned char *)text.ptr);
#if NETTLE_VERSION_MAJOR >= 4
	sha256_digest(&ctx, out);
#else
	sha256_digest(&ctx, TLS_SHA256_SIZE, out);
#endif
}

void tls_digest_pbkdf2(bool sha1, struct span password, struct span salt, unsigned rounds, char *out, size_t size)
{
	const unsigned char *key = (const unsigned char *)password.ptr, *with = (const unsigned char *)salt.ptr;
	if (sha1)
		pbkdf2_hmac_sha1(password.len, key, rounds, salt.len, with, size, (unsigned char *)out);
	else
		pbkdf2_hmac_sha256(password.len, key, rounds, salt.len, with, size, (unsigned char *)out);
}
