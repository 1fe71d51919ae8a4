/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_digest: SHA-256 of a text, by nettle, for what is not TLS itself. */
#ifndef TLS_DIGEST_H
#define TLS_DIGEST_H

#include "base/span.h"

#define TLS_SHA256_SIZE 32

void tls_digest_sha256(struct span text, unsigned char out[TLS_SHA256_SIZE]);

#endif
