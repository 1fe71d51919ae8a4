/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xalloc.h"
#include "tls/tls_internal.h"

#define RSA_BITS_LEAST 2048
#define EC_BITS_LEAST 256

void tls_chain_release(struct tls_chain *chain)
{
	for (unsigned i = 0; chain->crt && i < chain->n; i++)
		gnutls_x509_crt_deinit(chain->crt[i]);
	free(chain->crt);
}

bool tls_chain_get(struct tls_chain *chain, gnutls_session_t session)
{
	if (gnutls_certificate_type_get(session) != GNUTLS_CRT_X509)
		return false;
	unsigned n = 0;
	chain->der = gnutls_certificate_get_peers(session, &n);
	if (!chain->der || !n)
		return false;
	chain->crt = xcalloc(n, sizeof(*chain->crt));
	for (; chain->n < n; chain->n++) {
		if (gnutls_x509_crt_init(&chain->crt[chain->n]) < 0)
			xalloc_die();
		if (gnutls_x509_crt_import(chain->crt[chain->n], &chain->der[chain->n], GNUTLS_X509_FMT_DER) < 0) {
			gnutls_x509_crt_deinit(chain->crt[chain->n]);
			return false;
		}
	}
	return true;
}

bool tls_chain_pin(gnutls_x509_crt_t crt, unsigned char out[TLS_PIN_BYTES])
{
	size_t len = TLS_PIN_BYTES;
	return gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, out, &len) >= 0 && len == TLS_PIN_BYTES;
}

unsigned tls_chain_status_under(const struct tls_chain *chain, gnutls_x509_crt_t anchor)
{
	gnutls_typed_vdata_st data[] = {
		{GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER, 0},
	};
	unsigned flags = GNUTLS_VERIFY_DISABLE_CRL_CHECKS | GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM);
	unsigned status = GNUTLS_CERT_INVALID;
	gnutls_x509_trust_list_t list;
	if (gnutls_x509_trust_list_init(&list, 0) < 0)
		xalloc_die();
	if (gnutls_x509_trust_list_add_cas(list, &anchor, 1, 0) == 1 &&
	    gnutls_x509_trust_list_verify_crt2(list, chain->crt, chain->n, data, ARRAY_SIZE(data), flags, &status,
					       NULL) < 0)
		status |= GNUTLS_CERT_INVALID;
	gnutls_x509_trust_list_deinit(list, 0); /* the anchor is the caller's */
	return status;
}

unsigned tls_chain_faults(unsigned status, bool self_signed)
{
	static const struct {
		unsigned status, fault;
	} map[] = {
		{GNUTLS_CERT_UNEXPECTED_OWNER, TLS_FAULT_NAME},	      {GNUTLS_CERT_EXPIRED, TLS_FAULT_EXPIRED},
		{GNUTLS_CERT_NOT_ACTIVATED, TLS_FAULT_NOT_YET_VALID}, {GNUTLS_CERT_REVOKED, TLS_FAULT_REVOKED},
		{GNUTLS_CERT_INSECURE_ALGORITHM, TLS_FAULT_WEAK},     {GNUTLS_CERT_PURPOSE_MISMATCH, TLS_FAULT_PURPOSE},
	};
	const unsigned staple = GNUTLS_CERT_MISSING_OCSP_STATUS | GNUTLS_CERT_INVALID_OCSP_STATUS |
				GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED | GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;
	unsigned faults = 0, known = GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND | staple;
	for (size_t i = 0; i < ARRAY_SIZE(map); i++) {
		known |= map[i].status;
		if (status & map[i].status)
			faults |= map[i].fault;
	}
	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
		faults |= self_signed ? TLS_FAULT_SELF_SIGNED : TLS_FAULT_UNKNOWN_ISSUER;
	/* any other fault that GnuTLS reports is a fault too, whether it is in the table or not */
	if ((status & ~known) || (status && !faults && !(status & staple)))
		faults |= TLS_FAULT_OTHER;
	return faults;
}

/* ---- keys and signatures that are too weak ---- */

static bool signs_with_old_hash(gnutls_x509_crt_t crt)
{
	int algorithm = gnutls_x509_crt_get_signature_algorithm(crt);
	if (algorithm < 0)
		return false; /* unknown: GnuTLS cannot verify it either */
	switch (gnutls_sign_get_hash_algorithm((gnutls_sign_algorithm_t)algorithm)) {
	case GNUTLS_DIG_MD2:
	case GNUTLS_DIG_MD5:
	case GNUTLS_DIG_SHA1:
	case GNUTLS_DIG_RMD160: return true;
	default: return false;
	}
}

static struct tls_weakness weakness_of(const struct tls_chain *chain, unsigned at)
{
	struct tls_weakness w = {.at = at};
	int algorithm = gnutls_x509_crt_get_pk_algorithm(chain->crt[at], &w.bits);
	switch (algorithm) {
	case GNUTLS_PK_RSA:
	case GNUTLS_PK_RSA_PSS:
	case GNUTLS_PK_DSA: w.least = RSA_BITS_LEAST; break;
	default: w.least = EC_BITS_LEAST;
	}
	/* The signature of a root proves nothing, whatever its hash. */
	bool root = at && gnutls_x509_crt_check_issuer(chain->crt[at], chain->crt[at]);
	w.old_signature = !root && signs_with_old_hash(chain->crt[at]);
	return w;
}

static bool is_weak(const struct tls_weakness *w)
{
	return w->bits < w->least || w->old_signature;
}

/* The certificate that was sent after this one and issued it; n if there is none. */
static unsigned issuer_of(const struct tls_chain *chain, unsigned at)
{
	unsigned i = at + 1;
	while (i < chain->n && !gnutls_x509_crt_check_issuer(chain->crt[at], chain->crt[i]))
		i++;
	return i;
}

struct tls_weakness tls_chain_weakness(const struct tls_chain *chain, bool issuers)
{
	const struct tls_weakness own = weakness_of(chain, 0);
	struct tls_weakness w = own;
	for (unsigned i = 0; issuers && !is_weak(&w) && (i = issuer_of(chain, i)) < chain->n;)
		w = weakness_of(chain, i);
	return is_weak(&w) ? w : own;
}
