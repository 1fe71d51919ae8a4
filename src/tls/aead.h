/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * aead: authenticated encryption (RFC 5116) by nettle, GnuTLS's own library of ciphers, for records of a session that
 * was kept open: GnuTLS need not be loaded for them.
 */
#ifndef TLS_AEAD_H
#define TLS_AEAD_H

#include "base/cleanup.h"
#include "base/span.h"

#define AEAD_NONCE 12
#define AEAD_TAG 16

enum aead_kind { AEAD_AES_128_GCM, AEAD_AES_256_GCM, AEAD_AES_128_CCM, AEAD_AES_256_CCM, AEAD_CHACHA20_POLY1305 };

/* A key that is ready for use. */
struct aead;
size_t aead_key_len(enum aead_kind kind);
/* key: aead_key_len() octets, which are copied. */
struct aead *aead_new(enum aead_kind kind, const unsigned char *key);
/* NULL is ignored; the key is wiped. */
void aead_free(struct aead *a);

/* Encrypts the text in its place and writes its tag, which covers the context, too.  A nonce is used once. */
void aead_seal(struct aead *a, const unsigned char nonce[AEAD_NONCE], struct span context, unsigned char *text,
	       size_t len, unsigned char tag[AEAD_TAG]);
/* The reverse.  False if the tag is wrong; the text is wiped then. */
bool aead_open(struct aead *a, const unsigned char nonce[AEAD_NONCE], struct span context, unsigned char *text,
	       size_t len, const unsigned char tag[AEAD_TAG]) MUST_CHECK;

#endif
