/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/aead.h"

#include "base/xalloc.h"

#include <nettle/ccm.h>
#include <nettle/chacha-poly1305.h>
#include <nettle/gcm.h>
#include <nettle/memops.h>
#include <nettle/version.h>
#include <string.h>

struct aead {
	enum aead_kind kind;
	union {
		struct gcm_aes128_ctx gcm128;
		struct gcm_aes256_ctx gcm256;
		struct ccm_aes128_ctx ccm128;
		struct ccm_aes256_ctx ccm256;
		struct chacha_poly1305_ctx chacha;
	} ctx;
};

/* From version 4 on, nettle's functions write complete digests only. */
#if NETTLE_VERSION_MAJOR >= 4
#define DIGEST(function, ctx, to) function(ctx, to)
#else
#define DIGEST(function, ctx, to) function(ctx, AEAD_TAG, to)
#endif

size_t aead_key_len(enum aead_kind kind)
{
	return kind == AEAD_AES_128_GCM || kind == AEAD_AES_128_CCM ? 16 : 32;
}

struct aead *aead_new(enum aead_kind kind, const unsigned char *key)
{
	struct aead *a = xcalloc(1, sizeof(*a));
	a->kind = kind;
	switch (kind) {
	case AEAD_AES_128_GCM: gcm_aes128_set_key(&a->ctx.gcm128, key); break;
	case AEAD_AES_256_GCM: gcm_aes256_set_key(&a->ctx.gcm256, key); break;
	case AEAD_AES_128_CCM: ccm_aes128_set_key(&a->ctx.ccm128, key); break;
	case AEAD_AES_256_CCM: ccm_aes256_set_key(&a->ctx.ccm256, key); break;
	case AEAD_CHACHA20_POLY1305: chacha_poly1305_set_key(&a->ctx.chacha, key); break;
	}
	return a;
}

void aead_free(struct aead *a)
{
	if (!a)
		return;
	explicit_bzero(a, sizeof(*a));
	free(a);
}

/* CCM has to know the lengths before it begins. */
static void begin(struct aead *a, const unsigned char *nonce, struct span context, size_t len)
{
	const unsigned char *octets = (const unsigned char *)context.ptr;
	switch (a->kind) {
	case AEAD_AES_128_GCM:
		gcm_aes128_set_iv(&a->ctx.gcm128, AEAD_NONCE, nonce);
		gcm_aes128_update(&a->ctx.gcm128, context.len, octets);
		break;
	case AEAD_AES_256_GCM:
		gcm_aes256_set_iv(&a->ctx.gcm256, AEAD_NONCE, nonce);
		gcm_aes256_update(&a->ctx.gcm256, context.len, octets);
		break;
	case AEAD_AES_128_CCM:
		ccm_aes128_set_nonce(&a->ctx.ccm128, AEAD_NONCE, nonce, context.len, len, AEAD_TAG);
		ccm_aes128_update(&a->ctx.ccm128, context.len, octets);
		break;
	case AEAD_AES_256_CCM:
		ccm_aes256_set_nonce(&a->ctx.ccm256, AEAD_NONCE, nonce, context.len, len, AEAD_TAG);
		ccm_aes256_update(&a->ctx.ccm256, context.len, octets);
		break;
	case AEAD_CHACHA20_POLY1305:
		chacha_poly1305_set_nonce(&a->ctx.chacha, nonce);
		chacha_poly1305_update(&a->ctx.chacha, context.len, octets);
		break;
	}
}

static void finish(struct aead *a, unsigned char *tag)
{
	switch (a->kind) {
	case AEAD_AES_128_GCM: DIGEST(gcm_aes128_digest, &a->ctx.gcm128, tag); break;
	case AEAD_AES_256_GCM: DIGEST(gcm_aes256_digest, &a->ctx.gcm256, tag); break;
	case AEAD_AES_128_CCM: DIGEST(ccm_aes128_digest, &a->ctx.ccm128, tag); break;
	case AEAD_AES_256_CCM: DIGEST(ccm_aes256_digest, &a->ctx.ccm256, tag); break;
	case AEAD_CHACHA20_POLY1305: DIGEST(chacha_poly1305_digest, &a->ctx.chacha, tag); break;
	}
}

void aead_seal(struct aead *a, const unsigned char nonce[AEAD_NONCE], struct span context, unsigned char *text,
	       size_t len, unsigned char tag[AEAD_TAG])
{
	begin(a, nonce, context, len);
	switch (a->kind) {
	case AEAD_AES_128_GCM: gcm_aes128_encrypt(&a->ctx.gcm128, len, text, text); break;
	case AEAD_AES_256_GCM: gcm_aes256_encrypt(&a->ctx.gcm256, len, text, text); break;
	case AEAD_AES_128_CCM: ccm_aes128_encrypt(&a->ctx.ccm128, len, text, text); break;
	case AEAD_AES_256_CCM: ccm_aes256_encrypt(&a->ctx.ccm256, len, text, text); break;
	case AEAD_CHACHA20_POLY1305: chacha_poly1305_encrypt(&a->ctx.chacha, len, text, text); break;
	}
	finish(a, tag);
}

bool aead_open(struct aead *a, const unsigned char nonce[AEAD_NONCE], struct span context, unsigned char *text,
	       size_t len, const unsigned char tag[AEAD_TAG])
{
	unsigned char computed[AEAD_TAG];
	begin(a, nonce, context, len);
	switch (a->kind) {
	case AEAD_AES_128_GCM: gcm_aes128_decrypt(&a->ctx.gcm128, len, text, text); break;
	case AEAD_AES_256_GCM: gcm_aes256_decrypt(&a->ctx.gcm256, len, text, text); break;
	case AEAD_AES_128_CCM: ccm_aes128_decrypt(&a->ctx.ccm128, len, text, text); break;
	case AEAD_AES_256_CCM: ccm_aes256_decrypt(&a->ctx.ccm256, len, text, text); break;
	case AEAD_CHACHA20_POLY1305: chacha_poly1305_decrypt(&a->ctx.chacha, len, text, text); break;
	}
	finish(a, computed);
	if (memeql_sec(computed, tag, AEAD_TAG))
		return true;
	explicit_bzero(text, len);
	return false;
}
