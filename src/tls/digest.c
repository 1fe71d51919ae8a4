/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/digest.h"

#include "base/i18n.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

bool tls_digest_sha256(struct span text, unsigned char out[TLS_SHA256_SIZE], struct error *err)
{
	int rc = gnutls_hash_fast(GNUTLS_DIG_SHA256, text.ptr, text.len, out);
	return rc == 0 || error_set(err, ERROR_INTERNAL, _("GnuTLS cannot compute SHA-256: %s"), gnutls_strerror(rc));
}
