/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_finding: the faults of a certificate as an error with a hint.  Pure, no GnuTLS types.
 */
#ifndef TLS_FINDING_H
#define TLS_FINDING_H

#include "tls/verdict.h"

struct tls_finding {
	unsigned faults;		    /* bits of enum tls_fault */
	const char *host;		    /* the expected name */
	const char *expected;		    /* all expected names in words; NULL: only host */
	const char *names;		    /* the names in the certificate, comma separated, or NULL */
	const char *not_before, *not_after; /* printable dates or NULL */
	const char *culprit;	   /* the DN of the certificate these dates belong to; NULL: the server's own */
	const char *issuer;	   /* DN or NULL */
	const char *weakness;	   /* a clause for TLS_FAULT_WEAK: "its RSA key has ...", or NULL */
	bool staple_revoked;	   /* TLS_FAULT_REVOKED comes from the OCSP staple */
	const char *fingerprint;   /* SHA-256 of the server's certificate, or NULL */
	const char *pin;	   /* "sha256//..." of the server's key, or NULL */
	const char *accepted;	   /* the fingerprint of the certificate whose key was accepted, or NULL */
	const char *account;	   /* for --accept-key, or NULL */
	bool pins_of_chain;	   /* TLS_FAULT_PIN: any key of the chain would have done */
	const char *library_words; /* GnuTLS's text, for TLS_FAULT_OTHER, or NULL */
	const char *trust;	   /* "the system's CA store" or the name of the file; NULL means the former */
};
/* Sets ERROR_CERTIFICATE with all faults in one sentence and a hint that fixes the first.  Always returns false. */
bool tls_finding_error(const struct tls_finding *finding, struct error *err);

#endif
