/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xalloc.h"
#include "tls/tls_internal.h"

/* The part of a certificate that the record is about; to be freed with gnutls_free(). */
static bool selected_part(const struct tlsa_record *r, gnutls_x509_crt_t crt, gnutls_datum_t *part)
{
	if (r->selector == TLSA_SELECT_CERTIFICATE)
		return gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, part) >= 0;
	gnutls_pubkey_t key;
	if (gnutls_pubkey_init(&key) < 0)
		xalloc_die();
	bool ok = gnutls_pubkey_import_x509(key, crt, 0) >= 0 &&
		  gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, part) >= 0;
	gnutls_pubkey_deinit(key);
	return ok;
}

static bool same_bytes(const struct tlsa_record *r, const void *bytes, size_t len)
{
	return len == r->data.n && memcmp(bytes, r->data.v, len) == 0;
}

static bool record_matches(const struct tlsa_record *r, gnutls_x509_crt_t crt)
{
	bool sha512 = r->matching == TLSA_MATCH_SHA512, same = false;
	unsigned char digest[64];
	gnutls_datum_t part;
	if (!selected_part(r, crt, &part))
		return false;
	if (r->matching == TLSA_MATCH_EXACTLY)
		same = same_bytes(r, part.data, part.size);
	else if (gnutls_hash_fast(sha512 ? GNUTLS_DIG_SHA512 : GNUTLS_DIG_SHA256, part.data, part.size, digest) >= 0)
		same = same_bytes(r, digest, sha512 ? 64 : 32);
	gnutls_free(part.data);
	return same;
}

/* Does a matching anchor vouch for the server?  The faults of the best attempt remain in *faults. */
static bool try_anchor(const struct tls_chain *chain, gnutls_x509_crt_t anchor, bool *tried, unsigned *faults)
{
	unsigned found = tls_chain_faults(tls_chain_status_under(chain, anchor), false);
	if (!*tried || !found)
		*faults = found;
	*tried = true;
	return !found;
}

/* The anchor may be missing in the chain if the record has all of it (RFC 7671 section 5.2.2). */
static bool try_record_itself(const struct tls_chain *chain, const struct tlsa_record *r, bool *tried, unsigned *faults)
{
	const gnutls_datum_t der = {r->data.v, (unsigned)r->data.n};
	gnutls_x509_crt_t anchor;
	if (r->selector != TLSA_SELECT_CERTIFICATE || r->matching != TLSA_MATCH_EXACTLY)
		return false;
	if (gnutls_x509_crt_init(&anchor) < 0)
		xalloc_die();
	bool ok = gnutls_x509_crt_import(anchor, &der, GNUTLS_X509_FMT_DER) >= 0 &&
		  tls_chain_status_under(chain, anchor) == 0;
	if (ok) {
		*faults = 0;
		*tried = true;
	}
	gnutls_x509_crt_deinit(anchor);
	return ok;
}

static bool try_anchors(const struct tls_chain *chain, const struct tlsa_record *r, bool *tried, unsigned *faults)
{
	for (unsigned i = 1; i < chain->n; i++)
		if (record_matches(r, chain->crt[i]) && try_anchor(chain, chain->crt[i], tried, faults))
			return true;
	return try_record_itself(chain, r, tried, faults);
}

enum tlsa_match tls_dane_match(const struct tls_chain *chain, const struct tlsa_records *records, unsigned *faults)
{
	bool tried = false;
	*faults = 0;
	for (size_t i = 0; i < records->n; i++)
		if (records->v[i].usage == TLSA_USAGE_SERVER && tlsa_decides(records, i) &&
		    record_matches(&records->v[i], chain->crt[0]))
			return TLSA_MATCHES_SERVER;
	for (size_t i = 0; i < records->n; i++)
		if (records->v[i].usage == TLSA_USAGE_ANCHOR && tlsa_decides(records, i) &&
		    try_anchors(chain, &records->v[i], &tried, faults))
			return TLSA_MATCHES_ANCHOR;
	return tried ? TLSA_MATCHES_ANCHOR : TLSA_NO_MATCH;
}
