/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_policy: what a server has to prove before anything is sent to it.  All strings are borrowed until the handshake
 * is over.
 */
#ifndef TLS_POLICY_H
#define TLS_POLICY_H

#include "base/error.h"
#include "base/secret.h"
#include "base/strvec.h"
#include "tls/known_hosts.h"
#include "tls/tlsa.h"

#include <stdbool.h>

/* Who accepts a server, in the order of tls_trust's words. */
enum tls_trust { TLS_TRUST_CA, TLS_TRUST_FIRST_USE, TLS_TRUST_PIN };
/* In the order of tls_ocsp's words. */
enum tls_ocsp { TLS_OCSP_OFF, TLS_OCSP_AUTO, TLS_OCSP_REQUIRE };
/* In the order of tls_min_version's words, after "not set": 1.2, unless the priorities say something else. */
enum tls_min_version { TLS_MIN_DEFAULT, TLS_MIN_1_2, TLS_MIN_1_3 };

/* Provides the pass phrase of an encrypted key, or the PIN of a token; asked only if one is needed, and once.  False
 * with err: there is none. */
struct tls_key_pin {
	bool (*get)(void *arg, struct secret *out, struct error *err);
	void *arg;
};

#define TLS_OTHER_HOSTS 2

struct tls_policy {
	const char *host; /* the name (or IP literal) the certificate must contain: the configured host or
			     tls_host_override; also sent as SNI unless it is a literal */
	const char *other_hosts[TLS_OTHER_HOSTS]; /* further names, one of which will do as well; NULL: no more */
	const char *account;			  /* its name, for hints; NULL: none */
	bool certcheck;				  /* false: any certificate is accepted; only if the user says so */
	enum tls_trust trust;
	const char *trust_file; /* NULL: the system's CAs; otherwise a PEM file or a directory of CAs (hashed or not) */
	const struct strvec *trust_add; /* PEM files and directories of CAs besides; NULL: none */
	const char *crl_file;		/* NULL: none */
	const struct strvec *pins;	/* "sha256//BASE64"; NULL or empty: none */
	const char *fingerprint; /* hex SHA-256, SHA-1 or MD5 of the certificate (DER), pairs separated by ':', a space
				    or nothing; replaces the CAs */
	bool fingerprint_only;	 /* and the check of names, dates and all else */
	const struct known_host *known;	 /* the key accepted for this server; NULL: none (TLS_TRUST_FIRST_USE) */
	const struct tlsa_records *tlsa; /* of a validated answer; NULL: DANE is not used */
	enum tls_ocsp ocsp;
	const char *cert_file, *key_file; /* client certificate (PEM or pkcs11: URI); both or neither */
	struct tls_key_pin key_pin;	  /* get may be NULL */
	enum tls_min_version min_version;
	const char *priorities; /* GnuTLS priority string; one that begins with + - ! or % is added to our default (the
				   administrator's, TLS >= 1.2, PROFILE_MEDIUM), any other one replaces it */
	int min_dh_prime_bits;	/* 0: GnuTLS decides */
};

#endif
