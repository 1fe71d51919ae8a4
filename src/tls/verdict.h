/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_verdict: turns the result of a certificate check into an error with a hint.  Pure, no GnuTLS types.
 */
#ifndef TLS_VERDICT_H
#define TLS_VERDICT_H

#include "base/error.h"

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
	TLS_FAULT_STAPLE_MISSING = 1 << 9,
	TLS_FAULT_STAPLE_BAD = 1 << 10,
	TLS_FAULT_NO_SAN = 1 << 11,
	TLS_FAULT_NO_CERTIFICATE = 1 << 12,
	TLS_FAULT_OTHER = 1 << 13
};

struct tls_finding {
	unsigned faults;
	const char *host;		    /* the expected name */
	const char *names;		    /* the names in the certificate, comma separated, or NULL */
	const char *not_before, *not_after; /* printable dates or NULL */
	const char *culprit;	   /* the DN of the certificate these dates belong to; NULL: the server's own */
	const char *issuer;	   /* DN or NULL */
	const char *fingerprint;   /* SHA-256 of the server's certificate, or NULL */
	const char *library_words; /* GnuTLS's text, for TLS_FAULT_OTHER, or NULL */
	const char *trust;	   /* "the system's CA store" or the name of the file; NULL means the former */
};
/* Sets ERROR_CERTIFICATE with all faults in one sentence and a hint that fixes the first.  Always returns false. */
bool tls_verdict_error(const struct tls_finding *finding, struct error *err);
/* Parses a hex fingerprint of 32, 20 or 16 bytes into out and *len.  ERROR_CONFIG says what is wrong with hex. */
bool tls_fingerprint_parse(const char *hex, unsigned char out[32], size_t *len, struct error *err) MUST_CHECK;

#endif
