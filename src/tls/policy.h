/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_policy: what a server has to prove before anything is sent to it.  All strings are borrowed until the handshake
 * is over.
 */
#ifndef TLS_POLICY_H
#define TLS_POLICY_H

#include "base/secret.h"

#include <stdbool.h>

struct tls_policy {
	const char *host;	/* the name (or IP literal) the certificate must contain: the configured host or
				   tls_host_override; also sent as SNI unless it is a literal */
	bool certcheck;		/* false: any certificate is accepted; only if the user says so */
	const char *trust_file; /* NULL: the system's CAs; otherwise a PEM file or a directory of CAs (hashed or not) */
	const char *crl_file;	/* NULL: none */
	const char *fingerprint; /* hex SHA-256, SHA-1 or MD5 of the certificate (DER), pairs separated by ':', a space
				    or nothing; replaces the check of CA and name */
	const char *cert_file, *key_file; /* client certificate (PEM or pkcs11: URI); both or neither */
	const struct secret *key_pin;	  /* pass phrase of an encrypted key or PKCS#11 PIN, or NULL */
	const char *priorities;		  /* GnuTLS priority string; NULL: our default (TLS >= 1.2, PROFILE_MEDIUM) */
	int min_dh_prime_bits;		  /* 0: GnuTLS decides */
};

#endif
