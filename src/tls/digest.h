/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_digest: SHA-256 of a text, and keys from passwords, by nettle, for what is not TLS itself. */
#ifndef TLS_DIGEST_H
#define TLS_DIGEST_H

#include "base/span.h"

#define TLS_SHA256_SIZE 32

void tls_digest_sha256(struct span text, unsigned char out[TLS_SHA256_SIZE]);
/* PBKDF2 (RFC 8018) with HMAC-SHA-256, or with HMAC-SHA-1: so many octets.  Leaves no copy of the password. */
void tls_digest_pbkdf2(bool sha1, struct span password, struct span salt, unsigned rounds, char *out, size_t size);

#endif
