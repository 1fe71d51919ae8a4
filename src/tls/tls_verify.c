/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/finding.h"
#include "tls/tls_internal.h"

bool tls_verify_blames(int rc)
{
	switch (rc) {
	case GNUTLS_E_CERTIFICATE_ERROR:
	case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
	case GNUTLS_E_CERTIFICATE_LIST_UNSORTED:
	case GNUTLS_E_CERTIFICATE_TIME_ERROR:
	case GNUTLS_E_CONSTRAINT_ERROR:
	case GNUTLS_E_KEY_USAGE_VIOLATION:
	case GNUTLS_E_PARSING_ERROR:
	case GNUTLS_E_UNKNOWN_PK_ALGORITHM:
	case GNUTLS_E_UNSUPPORTED_CERTIFICATE_TYPE:
	case GNUTLS_E_X509_UNKNOWN_SAN:
	case GNUTLS_E_X509_UNSUPPORTED_ATTRIBUTE:
	case GNUTLS_E_X509_UNSUPPORTED_CRITICAL_EXTENSION:
	case GNUTLS_E_X509_UNSUPPORTED_EXTENSION:
	case GNUTLS_E_X509_UNSUPPORTED_OID:
	case GNUTLS_E_X509_DUPLICATE_EXTENSION: return true;
	/* the numbers from -67 to -77: DER that cannot be read; certificates are the only DER in a handshake */
	default: return rc <= GNUTLS_E_ASN1_ELEMENT_NOT_FOUND && rc >= GNUTLS_E_ASN1_TYPE_ANY_ERROR;
	}
}

static bool no_certificate(const struct tls_context *ctx, struct error *err)
{
	return tls_finding_error(&(struct tls_finding){.faults = TLS_FAULT_NO_CERTIFICATE, .host = ctx->host}, err);
}

static struct tls_verdict look(const struct tls_context *ctx, gnutls_session_t session, const struct tls_chain *chain,
			       unsigned *status)
{
	const struct tls_facts facts = tls_facts_gather(ctx, session, chain, status);
	return tls_verdict(&ctx->policy, &facts);
}

bool tls_verify(struct tls_context *ctx, gnutls_session_t session, unsigned *faults, struct error *err)
{
	AUTO(tls_chain) chain = {NULL, 0, NULL};
	unsigned status = 0;
	*faults = 0;
	if (tls_verdict_rule(&ctx->policy) == TLS_RULE_NONE)
		return true;
	if (!tls_chain_get(&chain, session)) {
		*faults = tls_verdict(&ctx->policy, &(struct tls_facts){.has_certificate = false}).faults;
		return no_certificate(ctx, err);
	}
	if (ctx->trust == TRUST_BY_NEED)
		tls_trust_add_issuers(ctx, chain.der, chain.n);
	struct tls_verdict verdict = look(ctx, session, &chain, &status);
	if (verdict.faults && ctx->trust == TRUST_BY_NEED) {
		if (!tls_trust_load_full(ctx, err))
			return false;
		verdict = look(ctx, session, &chain, &status);
	}
	*faults = verdict.faults;
	return !verdict.faults || tls_report(ctx, session, &chain, verdict.faults, status, err);
}
