/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shared by the tls_*.c files of this folder, the only ones that know GnuTLS:
 *   tls_gnutls.c    the handshake and the stream
 *   tls_context.c   what the policy names, loaded and checked
 *   tls_trust.c     the CAs, by need or all of them
 *   tls_verify.c    the one decision whether a certificate is good
 *   tls_describe.c  certificates in words
 */
#ifndef TLS_TLS_INTERNAL_H
#define TLS_TLS_INTERNAL_H

#include "tls/tls.h"
#include "tls/verdict.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

enum tls_trust_state {
	TRUST_NONE_NEEDED, /* fingerprint, or certcheck off */
	TRUST_BY_NEED,	   /* a bundle, of which nothing or a part was imported */
	TRUST_FULL	   /* everything was loaded */
};

struct tls_context {
	struct tls_policy policy; /* its strings are borrowed */
	unsigned refs;
	gnutls_certificate_credentials_t cred;
	gnutls_priority_t priorities;
	unsigned char pin[32]; /* the fingerprint wanted */
	size_t pin_len;	       /* 0: none */
	char *host;	       /* without a final dot */
	bool host_is_ip;
	enum tls_trust_state trust;
	int bundle_fd;		 /* the file scanned while TRUST_BY_NEED; -1: none */
	const char *system_file; /* stands for the system's store in tests, or NULL */
	unsigned full_loads;	 /* how often the whole store had to be read */
};

/* Bundles up to this size are loaded whole at once: the scan would not pay. */
#define TLS_SMALL_BUNDLE 16384

/* How a context is made; NULL fields and zero mean the usual. */
struct tls_loading {
	const char *system_bundle; /* stands for the system's store */
	enum { TLS_LOAD_AS_USUAL, TLS_LOAD_BY_NEED, TLS_LOAD_FULL } how;
};
/* tls_context_new() with the way of loading laid open for tests. */
struct tls_context *tls_context_new_loading(const struct tls_policy *policy, const struct tls_loading *loading,
					    struct error *err);

/* At tls_context_new() time: finds the trust the policy names; ERROR_FILE_MISSING. */
bool tls_trust_prepare(struct tls_context *ctx, const struct tls_loading *loading, struct error *err) MUST_CHECK;
/* Imports the CAs that are issuers in the peer's chain. */
void tls_trust_add_issuers(struct tls_context *ctx, const gnutls_datum_t *chain, unsigned n);
/* Loads the whole store; afterwards ctx->trust is TRUST_FULL. */
bool tls_trust_load_full(struct tls_context *ctx, struct error *err) MUST_CHECK;

/* Judges what the peer of this session showed.  False with ERROR_CERTIFICATE. */
bool tls_verify(struct tls_context *ctx, gnutls_session_t session, unsigned *faults, struct error *err) MUST_CHECK;

/* info->chain, newly made from the peer's certificates. */
void tls_describe_chain(gnutls_session_t session, struct tls_info *info);
/* What the session turned out to be, but for verified_by, round_trips and chain. */
void tls_describe_session(gnutls_session_t session, struct tls_info *info);
/* "DNS:..." and "IP:..." of a certificate; with_type false leaves the prefix away. */
void tls_describe_names(gnutls_x509_crt_t crt, bool with_type, struct strvec *names);
/* Hex, upper case, colons between octets; malloc'ed. */
char *tls_describe_octets(const void *octets, size_t len);
char *tls_describe_fingerprint(gnutls_digest_algorithm_t digest, const gnutls_datum_t *der);
/* A DN made printable; malloc'ed. */
char *tls_describe_dn(gnutls_x509_crt_t crt, bool issuer);

#endif
