/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_pin: the two ways in which a user names a certificate or key: the fingerprint of a certificate in hex, and
 * "sha256//BASE64", the SHA-256 of a public key (SubjectPublicKeyInfo) as curl and RFC 7469 write it.  Pure.
 */
#ifndef TLS_PIN_H
#define TLS_PIN_H

#include "base/error.h"
#include "base/span.h"

#define TLS_PIN_PREFIX "sha256//"
#define TLS_PIN_BYTES 32

/* Parses a hex fingerprint of 32, 20 or 16 bytes into out and *len.  ERROR_CONFIG says what is wrong with hex. */
bool tls_fingerprint_parse(const char *hex, unsigned char out[32], size_t *len, struct error *err) MUST_CHECK;
/* False if text is not the prefix with exactly 32 bytes in base64 after it; out is unchanged then. */
bool tls_pin_parse(struct span text, unsigned char out[TLS_PIN_BYTES]) MUST_CHECK;
/* "sha256//BASE64", malloc'ed. */
char *tls_pin_text(const unsigned char bytes[TLS_PIN_BYTES]);

#endif
