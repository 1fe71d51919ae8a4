/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "tls/tls_internal.h"

#include <arpa/inet.h>

struct peer {
	const gnutls_datum_t *der; /* the server's own certificate first; borrowed from the session */
	unsigned n;
	gnutls_x509_crt_t *crt; /* the same certificates, parsed */
};

static void peer_release(struct peer *p)
{
	for (unsigned i = 0; p->crt && i < p->n; i++)
		gnutls_x509_crt_deinit(p->crt[i]);
	free(p->crt);
}

/* False if the peer sent no certificate, or one that cannot be parsed. */
static bool peer_get(struct peer *p, gnutls_session_t session)
{
	if (gnutls_certificate_type_get(session) != GNUTLS_CRT_X509)
		return false;
	unsigned n = 0;
	p->der = gnutls_certificate_get_peers(session, &n);
	if (!p->der || !n)
		return false;
	p->crt = xcalloc(n, sizeof(*p->crt));
	for (; p->n < n; p->n++) {
		if (gnutls_x509_crt_init(&p->crt[p->n]) < 0)
			xalloc_die();
		if (gnutls_x509_crt_import(p->crt[p->n], &p->der[p->n], GNUTLS_X509_FMT_DER) < 0) {
			gnutls_x509_crt_deinit(p->crt[p->n]);
			return false;
		}
	}
	return true;
}

static bool pin_matches(const struct tls_context *ctx, const gnutls_datum_t *leaf)
{
	gnutls_digest_algorithm_t digest = ctx->pin_len == 32	? GNUTLS_DIG_SHA256
					   : ctx->pin_len == 20 ? GNUTLS_DIG_SHA1
								: GNUTLS_DIG_MD5;
	unsigned char got[32];
	size_t len = sizeof(got);
	return gnutls_fingerprint(digest, leaf, got, &len) >= 0 && len == ctx->pin_len &&
	       gnutls_memcmp(got, ctx->pin, len) == 0;
}

static bool same_address(const char *host, const unsigned char *bytes, size_t len)
{
	unsigned char want[16];
	int family = len == 4 ? AF_INET : len == 16 ? AF_INET6 : AF_UNSPEC;
	return family != AF_UNSPEC && inet_pton(family, host, want) == 1 && memcmp(want, bytes, len) == 0;
}

/*
 * Checks that GnuTLS does not make: it accepts the common name if there is no SAN (allowed by RFC 6125 6.4.4,
 * forbidden by RFC 9525), and it compares an IP address with host names too.
 */
static unsigned name_faults(const struct tls_context *ctx, gnutls_x509_crt_t leaf)
{
	bool named = false, comparable = false, address_matches = false;
	for (unsigned i = 0;; i++) {
		char value[1024];
		size_t len = sizeof(value);
		int type = gnutls_x509_crt_get_subject_alt_name(leaf, i, value, &len, NULL);
		if (type == GNUTLS_E_SHORT_MEMORY_BUFFER)
			continue; /* longer than any host name */
		if (type < 0)
			break;
		/* an address written as a DNS name is the right one in the wrong form, not "another name" */
		bool same_text = len == strlen(ctx->host) && memcmp(value, ctx->host, len) == 0;
		named = named || (type == GNUTLS_SAN_DNSNAME && !same_text) || type == GNUTLS_SAN_IPADDRESS;
		if (type != (ctx->host_is_ip ? GNUTLS_SAN_IPADDRESS : GNUTLS_SAN_DNSNAME))
			continue;
		comparable = true;
		address_matches =
			address_matches || (ctx->host_is_ip && same_address(ctx->host, (unsigned char *)value, len));
	}
	if (!comparable) /* if it only has names of the other kind, they are still names of another server */
		return named ? TLS_FAULT_NAME : TLS_FAULT_NO_SAN;
	return ctx->host_is_ip && !address_matches ? TLS_FAULT_NAME : 0;
}

static unsigned faults_of_status(unsigned status, bool self_signed)
{
	static const struct {
		unsigned status, fault;
	} map[] = {
		{GNUTLS_CERT_UNEXPECTED_OWNER, TLS_FAULT_NAME},
		{GNUTLS_CERT_EXPIRED, TLS_FAULT_EXPIRED},
		{GNUTLS_CERT_NOT_ACTIVATED, TLS_FAULT_NOT_YET_VALID},
		{GNUTLS_CERT_REVOKED, TLS_FAULT_REVOKED},
		{GNUTLS_CERT_INSECURE_ALGORITHM, TLS_FAULT_WEAK},
		{GNUTLS_CERT_PURPOSE_MISMATCH, TLS_FAULT_PURPOSE},
		{GNUTLS_CERT_MISSING_OCSP_STATUS, TLS_FAULT_STAPLE_MISSING},
		{GNUTLS_CERT_INVALID_OCSP_STATUS, TLS_FAULT_STAPLE_BAD},
		{GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, TLS_FAULT_STAPLE_BAD},
		{GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE, TLS_FAULT_STAPLE_BAD},
	};
	unsigned faults = 0, known = GNUTLS_CERT_INVALID | GNUTLS_CERT_SIGNER_NOT_FOUND;
	for (size_t i = 0; i < ARRAY_SIZE(map); i++) {
		known |= map[i].status;
		if (status & map[i].status)
			faults |= map[i].fault;
	}
	if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
		faults |= self_signed ? TLS_FAULT_SELF_SIGNED : TLS_FAULT_UNKNOWN_ISSUER;
	/* any other fault that GnuTLS reports is a fault too, whether it is in the table or not */
	if ((status & ~known) || (status && !faults))
		faults |= TLS_FAULT_OTHER;
	return faults;
}

/* Decides with the CAs loaded so far.  Returns the faults; 0 means accepted. */
static unsigned certificate_faults(const struct tls_context *ctx, gnutls_session_t session, const struct peer *peer,
				   unsigned *status)
{
	gnutls_typed_vdata_st data[] = {
		{GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)ctx->host, 0},
		{GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER, 0},
	};
	*status = GNUTLS_CERT_INVALID;
	if (gnutls_certificate_verify_peers(session, data, ARRAY_SIZE(data), status) < 0)
		*status |= GNUTLS_CERT_INVALID;
	bool self_signed = gnutls_x509_crt_check_issuer(peer->crt[0], peer->crt[0]) != 0;
	unsigned faults = faults_of_status(*status, self_signed) | name_faults(ctx, peer->crt[0]);
	if (faults & TLS_FAULT_NO_SAN)
		faults &= ~(unsigned)TLS_FAULT_NAME; /* TLS_FAULT_NO_SAN says it more precisely */
	return faults;
}

static char *date_of(time_t t)
{
	char text[32] = "";
	struct tm tm;
	if (t == (time_t)-1 || !gmtime_r(&t, &tm) || !strftime(text, sizeof(text), "%Y-%m-%d", &tm))
		return NULL;
	return xstrdup(text);
}

/* The texts of a finding, owned. */
struct finding_texts {
	char *names, *not_before, *not_after, *culprit, *issuer, *fingerprint, *library, *trust;
};

static void finding_texts_release(struct finding_texts *w)
{
	free(w->names);
	free(w->not_before);
	free(w->not_after);
	free(w->culprit);
	free(w->issuer);
	free(w->fingerprint);
	free(w->library);
	free(w->trust);
}

#define NAMES_SHOWN 6

static char *names_in_words(gnutls_x509_crt_t leaf)
{
	AUTO(strvec) all = STRVEC_INIT;
	AUTO(strvec) shown = STRVEC_INIT;
	tls_describe_names(leaf, false, &all);
	if (!all.n)
		return NULL;
	for (size_t i = 0; i < all.n && i < NAMES_SHOWN; i++)
		strvec_push(&shown, all.v[i]);
	if (all.n > NAMES_SHOWN)
		strvec_push(&shown, "...");
	return strvec_join(&shown, ", ");
}

static bool outside_validity(gnutls_x509_crt_t crt, unsigned faults)
{
	time_t now = time(NULL);
	return ((faults & TLS_FAULT_EXPIRED) && gnutls_x509_crt_get_expiration_time(crt) < now) ||
	       ((faults & TLS_FAULT_NOT_YET_VALID) && gnutls_x509_crt_get_activation_time(crt) > now);
}

/* Finds the certificate whose dates are wrong: the server's own, one of its chain, or the CA's. */
static void dates_in_words(struct finding_texts *w, const struct tls_context *ctx, const struct peer *peer,
			   unsigned faults)
{
	gnutls_x509_crt_t culprit = peer->crt[0], ca = NULL;
	if (!outside_validity(culprit, faults)) {
		unsigned i = 1;
		while (i < peer->n && !outside_validity(peer->crt[i], faults))
			i++;
		if (i < peer->n)
			culprit = peer->crt[i];
		else if (gnutls_certificate_get_issuer(ctx->cred, peer->crt[peer->n - 1], &ca, GNUTLS_TL_GET_COPY) >= 0)
			culprit = ca;
		w->culprit = tls_describe_dn(culprit, false);
	}
	w->not_before = date_of(gnutls_x509_crt_get_activation_time(culprit));
	w->not_after = date_of(gnutls_x509_crt_get_expiration_time(culprit));
	if (ca)
		gnutls_x509_crt_deinit(ca);
}

static char *library_words(unsigned status)
{
	gnutls_datum_t text;
	if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0) < 0)
		return NULL;
	char *clean = clean_text(span_make((const char *)text.data, text.size), 300);
	gnutls_free(text.data);
	return clean;
}

static bool report_faults(const struct tls_context *ctx, const struct peer *peer, unsigned faults, unsigned status,
			  struct error *err)
{
	AUTO(finding_texts) w = {.names = names_in_words(peer->crt[0])};
	if (faults & (TLS_FAULT_EXPIRED | TLS_FAULT_NOT_YET_VALID))
		dates_in_words(&w, ctx, peer, faults);
	w.issuer = tls_describe_dn(peer->crt[peer->n - 1], true);
	w.fingerprint = tls_describe_fingerprint(GNUTLS_DIG_SHA256, &peer->der[0]);
	w.library = library_words(status);
	w.trust = xstrdup(ctx->policy.trust_file ? ctx->policy.trust_file : _("the system's CA store"));
	struct tls_finding finding = {
		.faults = faults,
		.host = ctx->host,
		.names = w.names,
		.not_before = w.not_before,
		.not_after = w.not_after,
		.culprit = w.culprit,
		.issuer = w.issuer,
		.fingerprint = w.fingerprint,
		.library_words = w.library,
		.trust = w.trust,
	};
	return tls_verdict_error(&finding, err);
}

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

bool tls_verify(struct tls_context *ctx, gnutls_session_t session, unsigned *out, struct error *err)
{
	*out = 0;
	if (!ctx->policy.certcheck)
		return true;
	AUTO(peer) peer = {NULL, 0, NULL};
	if (!peer_get(&peer, session)) {
		*out = TLS_FAULT_NO_CERTIFICATE;
		return tls_verdict_error(&(struct tls_finding){.faults = TLS_FAULT_NO_CERTIFICATE, .host = ctx->host},
					 err);
	}
	unsigned status = 0;
	if (ctx->pin_len) {
		*out = pin_matches(ctx, &peer.der[0]) ? 0 : TLS_FAULT_FINGERPRINT;
		return !*out || report_faults(ctx, &peer, *out, status, err);
	}
	if (ctx->trust == TRUST_BY_NEED)
		tls_trust_add_issuers(ctx, peer.der, peer.n);
	unsigned faults = certificate_faults(ctx, session, &peer, &status);
	if (faults && ctx->trust == TRUST_BY_NEED) {
		if (!tls_trust_load_full(ctx, err))
			return false;
		faults = certificate_faults(ctx, session, &peer, &status);
	}
	*out = faults;
	return !faults || report_faults(ctx, &peer, faults, status, err);
}
