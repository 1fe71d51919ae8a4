/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_policy: what a server must show before we talk to it, as data.
 * Strings are borrowed for the length of the handshake.
 */
#ifndef TLS_POLICY_H
#define TLS_POLICY_H

#include "base/secret.h"

#include <stdbool.h>

struct tls_policy {
	const char *host;	 /* the name (or IP literal) the certificate must carry: the configured
				  * host or tls_host_override; also sent as SNI unless a literal */
	bool certcheck;		 /* off: anything goes; only on the user's word */
	const char *trust_file;	 /* NULL: the system's CAs; else a PEM file or a hashed/plain directory of CAs */
	const char *crl_file;	 /* NULL: none */
	const char *fingerprint; /* hex of SHA-256/SHA-1/MD5 of the certificate (DER), ':' or blanks between
				  * pairs allowed; replaces CA and name check */
	const char *cert_file, *key_file; /* client certificate (PEM or pkcs11: URI), both or none */
	const struct secret *key_pin;	  /* for an encrypted key or PKCS#11, or NULL */
	const char *priorities;		  /* GnuTLS priority string, NULL: ours (TLS >= 1.2, PROFILE_MEDIUM) */
	int min_dh_prime_bits;		  /* 0: GnuTLS decides */
};

#endif
