/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/verdict.h"

/* A fingerprint, a pin or an accepted key is what the user says about this server in particular.  TLSA records replace
 * only the CAs, unless the user requires them: then both must agree. */
static bool dane_decides(const struct tls_policy *policy)
{
	bool replaces_cas = policy->trust == TLS_TRUST_CA && !policy->fingerprint;
	return tlsa_any_decides(policy->tlsa) && (replaces_cas || policy->tlsa->required);
}

enum tls_rule tls_verdict_rule(const struct tls_policy *policy)
{
	if (!policy->certcheck)
		return TLS_RULE_NONE;
	if (dane_decides(policy))
		return TLS_RULE_DANE;
	if (policy->fingerprint)
		return TLS_RULE_FINGERPRINT;
	switch (policy->trust) {
	case TLS_TRUST_PIN: return TLS_RULE_PIN;
	case TLS_TRUST_FIRST_USE: return TLS_RULE_FIRST_USE;
	case TLS_TRUST_CA: break;
	}
	return TLS_RULE_CA;
}

bool tls_verdict_asks_cas(const struct tls_policy *policy)
{
	return tls_verdict_rule(policy) == TLS_RULE_CA || (policy->certcheck && policy->ocsp == TLS_OCSP_REQUIRE);
}

/* ---- the faults of the certificate itself ---- */

static unsigned date_faults(const struct tls_facts *f)
{
	return (f->not_after < f->now ? (unsigned)TLS_FAULT_EXPIRED : 0u) |
	       (f->not_before > f->now ? (unsigned)TLS_FAULT_NOT_YET_VALID : 0u);
}

static unsigned key_faults(const struct tls_facts *f)
{
	return f->key_bits < f->key_bits_least ? TLS_FAULT_WEAK : 0;
}

/* What holds for every rule that does not say otherwise. */
static unsigned own_faults(const struct tls_facts *f)
{
	return f->name_faults | date_faults(f) | key_faults(f) | (f->old_signature ? (unsigned)TLS_FAULT_WEAK : 0u) |
	       (f->for_servers ? 0u : (unsigned)TLS_FAULT_PURPOSE);
}

/* ---- the rules ---- */

/* RFC 7672 section 3.1.1: a record for the server's own certificate or key replaces names, dates and issuers. */
static unsigned dane_faults(const struct tls_facts *f)
{
	switch (f->tlsa) {
	case TLSA_MATCHES_SERVER: return key_faults(f);
	case TLSA_MATCHES_ANCHOR: return own_faults(f) | f->anchor_faults;
	case TLSA_NO_MATCH: break;
	}
	return TLS_FAULT_TLSA;
}

static unsigned fingerprint_faults(const struct tls_policy *policy, const struct tls_facts *f)
{
	return (f->fingerprint_matches ? 0u : (unsigned)TLS_FAULT_FINGERPRINT) |
	       (policy->fingerprint_only ? 0u : own_faults(f));
}

static unsigned first_use_faults(const struct tls_facts *f)
{
	unsigned key = !f->key_known ? TLS_FAULT_KEY_UNKNOWN : f->key_same ? 0 : TLS_FAULT_KEY_CHANGED;
	return key | own_faults(f);
}

static unsigned ca_faults(const struct tls_facts *f)
{
	return f->chain_faults | own_faults(f);
}

/* Those of the rule that the policy has besides TLSA records. */
static unsigned rule_faults(const struct tls_policy *policy, const struct tls_facts *f, bool dane)
{
	if (policy->fingerprint)
		return fingerprint_faults(policy, f);
	switch (policy->trust) {
	case TLS_TRUST_PIN: return own_faults(f);
	case TLS_TRUST_FIRST_USE: return first_use_faults(f);
	case TLS_TRUST_CA: break;
	}
	return dane ? 0 : ca_faults(f);
}

static unsigned pin_faults(const struct tls_policy *policy, const struct tls_facts *f)
{
	bool own_key = policy->trust == TLS_TRUST_PIN;
	if (!own_key && (!policy->pins || !policy->pins->n))
		return 0;
	return f->pin_of_server || (!own_key && f->pin_in_chain) ? 0 : TLS_FAULT_PIN;
}

static unsigned staple_faults(const struct tls_policy *policy, const struct tls_facts *f)
{
	switch (policy->ocsp) {
	case TLS_OCSP_OFF: return 0;
	case TLS_OCSP_AUTO: return f->staple_faults;
	case TLS_OCSP_REQUIRE: break;
	}
	return f->staple_faults | (f->staple_valid ? 0u : (unsigned)TLS_FAULT_STAPLE_REQUIRED);
}

struct tls_verdict tls_verdict(const struct tls_policy *policy, const struct tls_facts *f)
{
	struct tls_verdict v = {.rule = tls_verdict_rule(policy)};
	bool dane = v.rule == TLS_RULE_DANE;
	if (v.rule == TLS_RULE_NONE)
		return v;
	if (!f->has_certificate) {
		v.faults = TLS_FAULT_NO_CERTIFICATE;
		return v;
	}
	v.faults = rule_faults(policy, f, dane) | pin_faults(policy, f) | staple_faults(policy, f);
	if (dane)
		v.faults |= dane_faults(f);
	else if (policy->tlsa && policy->tlsa->required)
		v.faults |= TLS_FAULT_TLSA_NONE;
	if (v.faults & TLS_FAULT_NO_SAN)
		v.faults &= ~(unsigned)TLS_FAULT_NAME; /* NO_SAN says it more precisely */
	return v;
}

const char *tls_rule_name(enum tls_rule rule)
{
	static const char *const names[] = {
		[TLS_RULE_NONE] = "none",
		[TLS_RULE_CA] = "ca",
		[TLS_RULE_PIN] = "pin",
		[TLS_RULE_FIRST_USE] = "first_use",
		[TLS_RULE_FINGERPRINT] = "fingerprint",
		[TLS_RULE_DANE] = "dane",
	};
	return names[rule];
}
