/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/xalloc.h"
#include "net/idn.h"
#include "tls/tls_internal.h"

#include <arpa/inet.h>

/* ---- names ---- */

static bool same_address(const char *host, const unsigned char *bytes, size_t len)
{
	unsigned char want[16];
	int family = len == 4 ? AF_INET : len == 16 ? AF_INET6 : AF_UNSPEC;
	return family != AF_UNSPEC && inet_pton(family, host, want) == 1 && memcmp(want, bytes, len) == 0;
}

/* A host's name from its first dot on, as certificates have it; malloc'ed, NULL: it has no such part. */
static char *parent_domain(const char *host)
{
	AUTO_FREE char *ascii = idn_to_ascii(span_of(host), NULL);
	const char *dot = ascii ? strchr(ascii, '.') : NULL;
	return dot ? xstrdup(dot) : NULL;
}

/* "*.example.org": GnuTLS also takes "*" for a part of a label. */
static bool is_wildcard_of(const char *parent, struct span name)
{
	return parent && name.len > 1 && name.ptr[0] == '*' &&
	       span_equals_str_nocase(span_sub(name, 1, name.len), parent);
}

static bool wildcard_matches(const char *host, gnutls_x509_crt_t leaf)
{
	AUTO_FREE char *parent = parent_domain(host);
	for (unsigned i = 0;; i++) {
		char value[1024];
		size_t len = sizeof(value);
		int type = gnutls_x509_crt_get_subject_alt_name(leaf, i, value, &len, NULL);
		if (type < 0 && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
			return false;
		if (type == GNUTLS_SAN_DNSNAME && is_wildcard_of(parent, span_make(value, len)))
			return true;
	}
}

/*
 * Checks that GnuTLS does not make: it accepts the common name if there is no SAN (allowed by RFC 6125 6.4.4,
 * forbidden by RFC 9525), and it compares an IP address with host names too.
 */
static unsigned san_faults(const struct tls_context *ctx, gnutls_x509_crt_t leaf, bool *wildcard)
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
		*wildcard = *wildcard || (type == GNUTLS_SAN_DNSNAME && memchr(value, '*', len));
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

static bool name_matches(const char *host, gnutls_x509_crt_t leaf)
{
	return gnutls_x509_crt_check_hostname2(leaf, host, GNUTLS_VERIFY_DO_NOT_ALLOW_WILDCARDS) != 0 ||
	       (gnutls_x509_crt_check_hostname2(leaf, host, 0) != 0 && wildcard_matches(host, leaf));
}

static bool one_name_matches(const struct tls_context *ctx, gnutls_x509_crt_t leaf)
{
	if (name_matches(ctx->host, leaf))
		return true;
	for (size_t i = 0; i < TLS_OTHER_HOSTS && ctx->policy.other_hosts[i]; i++)
		if (name_matches(ctx->policy.other_hosts[i], leaf))
			return true;
	return false;
}

/* compared: GnuTLS compares the name when it asks the CAs, so only wildcards have to be looked at. */
static unsigned name_faults(const struct tls_context *ctx, gnutls_x509_crt_t leaf, bool compared)
{
	bool wildcard = false;
	unsigned faults = san_faults(ctx, leaf, &wildcard);
	if (compared && !wildcard)
		return faults;
	return faults | (one_name_matches(ctx, leaf) ? 0u : (unsigned)TLS_FAULT_NAME);
}

/* ---- fingerprint and pins ---- */

static bool fingerprint_matches(const struct tls_context *ctx, const gnutls_datum_t *leaf)
{
	gnutls_digest_algorithm_t digest = ctx->fingerprint_len == 32	? GNUTLS_DIG_SHA256
					   : ctx->fingerprint_len == 20 ? GNUTLS_DIG_SHA1
									: GNUTLS_DIG_MD5;
	unsigned char got[32];
	size_t len = sizeof(got);
	return ctx->fingerprint_len && gnutls_fingerprint(digest, leaf, got, &len) >= 0 &&
	       len == ctx->fingerprint_len && memcmp(got, ctx->fingerprint, len) == 0;
}

static bool is_pinned(const struct tls_context *ctx, gnutls_x509_crt_t crt)
{
	unsigned char pin[TLS_PIN_BYTES];
	if (!ctx->pin_count || !tls_chain_pin(crt, pin))
		return false;
	for (size_t i = 0; i < ctx->pin_count; i++)
		if (memcmp(pin, ctx->pins[i], TLS_PIN_BYTES) == 0)
			return true;
	return false;
}

/* A server may send any certificate beside its own, so a pinned one counts only if it vouches for the server's. */
static bool vouches(const struct tls_context *ctx, const struct tls_chain *chain, gnutls_x509_crt_t crt)
{
	return is_pinned(ctx, crt) && tls_chain_status_under(chain, crt) == 0;
}

static bool pinned_ca_vouches(const struct tls_context *ctx, const struct tls_chain *chain, gnutls_x509_crt_t below)
{
	gnutls_x509_crt_t ca;
	if (gnutls_certificate_get_issuer(ctx->cred, below, &ca, GNUTLS_TL_GET_COPY) < 0)
		return false;
	bool found = vouches(ctx, chain, ca);
	gnutls_x509_crt_deinit(ca);
	return found;
}

static bool pin_in_chain(const struct tls_context *ctx, const struct tls_chain *chain)
{
	for (unsigned i = 0; ctx->pin_count && i < chain->n; i++)
		if ((i && vouches(ctx, chain, chain->crt[i])) || pinned_ca_vouches(ctx, chain, chain->crt[i]))
			return true;
	return false;
}

static void look_at_known_key(const struct tls_context *ctx, const struct tls_chain *chain, struct tls_facts *f)
{
	unsigned char pin[TLS_PIN_BYTES];
	f->key_known = ctx->policy.known != NULL;
	f->key_same = f->key_known && tls_chain_pin(chain->crt[0], pin) &&
		      memcmp(pin, ctx->policy.known->pin, sizeof(pin)) == 0;
}

/* ---- the CAs ---- */

static unsigned staple_faults_of(unsigned status)
{
	const unsigned bad = GNUTLS_CERT_INVALID_OCSP_STATUS | GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED |
			     GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE;
	return (status & GNUTLS_CERT_MISSING_OCSP_STATUS ? (unsigned)TLS_FAULT_STAPLE_MISSING : 0u) |
	       (status & bad ? (unsigned)TLS_FAULT_STAPLE_BAD : 0u);
}

/* GnuTLS compares one name only. */
static bool has_one_name(const struct tls_context *ctx)
{
	return !ctx->policy.other_hosts[0];
}

static void ask_cas(const struct tls_context *ctx, gnutls_session_t session, const struct tls_chain *chain,
		    struct tls_facts *f, unsigned *status)
{
	gnutls_typed_vdata_st data[] = {
		{GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER, 0},
		{GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)ctx->host, 0},
	};
	*status = GNUTLS_CERT_INVALID;
	if (gnutls_certificate_verify_peers(session, data, has_one_name(ctx) ? 2 : 1, status) < 0)
		*status |= GNUTLS_CERT_INVALID;
	bool self_signed = gnutls_x509_crt_check_issuer(chain->crt[0], chain->crt[0]) != 0;
	f->chain_faults = tls_chain_faults(*status, self_signed);
	f->staple_faults = staple_faults_of(*status);
	f->staple_valid = gnutls_ocsp_status_request_is_checked(session, 0) != 0 && !f->staple_faults &&
			  !(*status & GNUTLS_CERT_REVOKED);
}

/* ---- all of them ---- */

struct tls_facts tls_facts_gather(const struct tls_context *ctx, gnutls_session_t session,
				  const struct tls_chain *chain, unsigned *status)
{
	bool by_cas = tls_verdict_rule(&ctx->policy) == TLS_RULE_CA; /* names and purpose are checked with the chain */
	const struct tls_weakness weak = tls_chain_weakness(chain, by_cas);
	gnutls_x509_crt_t leaf = chain->crt[0];
	struct tls_facts f = {
		.now = time(NULL),
		.has_certificate = true,
		.not_before = gnutls_x509_crt_get_activation_time(leaf),
		.not_after = gnutls_x509_crt_get_expiration_time(leaf),
		.name_faults = name_faults(ctx, leaf, by_cas && has_one_name(ctx)),
		.for_servers = by_cas || gnutls_x509_crt_check_key_purpose(leaf, GNUTLS_KP_TLS_WWW_SERVER, 0) != 0,
		.key_bits = weak.bits,
		.key_bits_least = weak.least,
		.old_signature = weak.old_signature,
		.fingerprint_matches = fingerprint_matches(ctx, &chain->der[0]),
		.pin_of_server = is_pinned(ctx, leaf),
	};
	if (tls_verdict_asks_cas(&ctx->policy))
		ask_cas(ctx, session, chain, &f, status);
	if (ctx->policy.trust == TLS_TRUST_FIRST_USE)
		look_at_known_key(ctx, chain, &f);
	if (ctx->policy.trust != TLS_TRUST_PIN && !f.pin_of_server)
		f.pin_in_chain = pin_in_chain(ctx, chain);
	if (tlsa_any_decides(ctx->policy.tlsa))
		f.tlsa = tls_dane_match(chain, ctx->policy.tlsa, &f.anchor_faults);
	return f;
}
