/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_verdict: whether a server is accepted, and by which rule: a function of the policy and of facts that others
 * found out.  Pure, no GnuTLS types.  finding.h puts the faults into words.
 */
#ifndef TLS_VERDICT_H
#define TLS_VERDICT_H

#include "tls/policy.h"

#include <time.h>

/* The faults of a certificate, one bit each, most informative first. */
enum tls_fault {
	TLS_FAULT_FINGERPRINT = 1 << 0,
	TLS_FAULT_NAME = 1 << 1,
	TLS_FAULT_EXPIRED = 1 << 2,
	TLS_FAULT_NOT_YET_VALID = 1 << 3,
	TLS_FAULT_REVOKED = 1 << 4,
	TLS_FAULT_UNKNOWN_ISSUER = 1 << 5,
	TLS_FAULT_SELF_SIGNED = 1 << 6,
	TLS_FAULT_WEAK = 1 << 7,
	TLS_FAULT_PURPOSE = 1 << 8,
	TLS_FAULT_STAPLE_MISSING = 1 << 9, /* the certificate requires one */
	TLS_FAULT_STAPLE_BAD = 1 << 10,
	TLS_FAULT_NO_SAN = 1 << 11,
	TLS_FAULT_NO_CERTIFICATE = 1 << 12,
	TLS_FAULT_OTHER = 1 << 13,
	TLS_FAULT_STAPLE_REQUIRED = 1 << 14, /* the policy requires a valid one */
	TLS_FAULT_TLSA = 1 << 15,	     /* it matches no TLSA record that decides */
	TLS_FAULT_TLSA_NONE = 1 << 16,	     /* the policy requires one, and none can be used */
	TLS_FAULT_PIN = 1 << 17,
	TLS_FAULT_KEY_CHANGED = 1 << 18, /* tls_trust first_use: another key was accepted */
	TLS_FAULT_KEY_UNKNOWN = 1 << 19	 /* none was accepted so far */
};

/* What is asked whether a server is accepted. */
enum tls_rule { TLS_RULE_NONE, TLS_RULE_CA, TLS_RULE_PIN, TLS_RULE_FIRST_USE, TLS_RULE_FINGERPRINT, TLS_RULE_DANE };

/* The result of comparing the chain with the TLSA records that decide. */
enum tlsa_match { TLSA_NO_MATCH, TLSA_MATCHES_SERVER, TLSA_MATCHES_ANCHOR };

struct tls_facts {
	time_t now;
	bool has_certificate; /* if not, nothing below is looked at */
	/* the server's own certificate */
	time_t not_before, not_after;
	unsigned name_faults; /* TLS_FAULT_NAME, TLS_FAULT_NO_SAN */
	bool for_servers;     /* its purpose allows it */
	unsigned key_bits, key_bits_least;
	bool old_signature; /* SHA-1 or older, or such a key or signature in the chain it was sent with */
	/* what vouches for it */
	unsigned chain_faults;	/* found with the CAs; 0 if these are not asked */
	unsigned staple_faults; /* found with the OCSP staple: TLS_FAULT_REVOKED, _STAPLE_MISSING, _STAPLE_BAD */
	bool staple_valid;	/* there is a staple, it is valid, and says that the certificate is good */
	bool fingerprint_matches;
	bool pin_of_server, pin_in_chain; /* one of the pins is its key's; that of a certificate that vouches for it */
	bool key_known, key_same;	  /* a key was accepted for this server; it is this one */
	enum tlsa_match tlsa;
	unsigned anchor_faults; /* with TLSA_MATCHES_ANCHOR: of the chain up to the anchor */
};

struct tls_verdict {
	unsigned faults; /* 0: the server is accepted */
	enum tls_rule rule;
};

/* The rule that decides under a policy; TLS_RULE_NONE if the check is off. */
enum tls_rule tls_verdict_rule(const struct tls_policy *policy);
/* Are the facts needed that come from the CAs? */
bool tls_verdict_asks_cas(const struct tls_policy *policy);
struct tls_verdict tls_verdict(const struct tls_policy *policy, const struct tls_facts *facts);
/* "ca", "pin", "first_use", "fingerprint", "dane", "none": as users see it. */
const char *tls_rule_name(enum tls_rule rule);

#endif
