/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pki: certificates for tests, made while they run.  Everything asserts. */
#ifndef TESTS_PKI_H
#define TESTS_PKI_H

#include "base/cleanup.h"
#include "base/span.h"
#include "base/strbuf.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <time.h>

struct pki_cert {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

struct pki_spec {
	const char *cn;
	struct span dns[3]; /* subject alternative names */
	const char *ip;
	int from_days, to_days; /* from now; both 0: yesterday to tomorrow */
	bool ca;
	const struct pki_cert *issuer;	  /* NULL: that is self-signed */
	const char *purpose;		  /* NULL: none */
	unsigned key_usage;		  /* GNUTLS_KEY_..., 0: what a server or a CA needs */
	struct span san;		  /* the extension's DER, in place of the names */
	unsigned rsa_bits;		  /* 0: EC P-256 */
	gnutls_digest_algorithm_t digest; /* of its signature; 0: SHA-256 */
	const struct pki_cert *key_of;	  /* it has the key of this one; NULL: a new one */
};

void pki_make(struct pki_cert *out, const struct pki_spec *spec);
void pki_free(struct pki_cert *c);
/* Appends the certificate in PEM. */
void pki_pem(const struct pki_cert *c, struct strbuf *out);
/* The private key in PEM, encrypted if there is a phrase. */
void pki_key_pem(const struct pki_cert *c, const char *phrase, struct strbuf *out);
/* A CRL of ca that revokes these. */
void pki_crl_pem(const struct pki_cert *ca, const struct pki_cert *revoked, struct strbuf *out);
/* Fingerprint in hex, with colons. */
char *pki_fingerprint(const struct pki_cert *c, gnutls_digest_algorithm_t digest);
/* "sha256//BASE64" of its key; malloc'ed. */
char *pki_pin(const struct pki_cert *c);

#endif
