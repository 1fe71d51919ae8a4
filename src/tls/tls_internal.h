/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shared by the tls_*.c files of this folder, the only ones that use GnuTLS:
 *   tls_gnutls.c    the handshake and the stream
 *   tls_context.c   loads and checks what the policy names
 *   tls_trust.c     loads the CAs, either those needed or all of them
 *   tls_verify.c    decides whether a certificate is accepted
 *   tls_describe.c  describes certificates as text
 */
#ifndef TLS_TLS_INTERNAL_H
#define TLS_TLS_INTERNAL_H

#include "tls/tls.h"
#include "tls/verdict.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

enum tls_trust_state {
	TRUST_NONE_NEEDED, /* a fingerprint is set, or certcheck is off */
	TRUST_BY_NEED,	   /* a bundle file; only the CAs needed so far were imported */
	TRUST_FULL	   /* all CAs were loaded */
};

struct tls_context {
	struct tls_policy policy; /* its strings are borrowed */
	unsigned refs;
	gnutls_certificate_credentials_t cred;
	gnutls_priority_t priorities;
	unsigned char pin[32]; /* the expected fingerprint */
	size_t pin_len;	       /* 0: no fingerprint */
	char *host;	       /* without a final dot */
	bool host_is_ip;
	enum tls_trust_state trust;
	int bundle_fd;		 /* the file searched while TRUST_BY_NEED; -1: none */
	const char *system_file; /* replaces the system's store in tests, or NULL */
	unsigned full_loads;	 /* how often the complete store was loaded; for tests */
};

/* Bundles up to this size are loaded completely at once: searching them would save nothing. */
#define TLS_SMALL_BUNDLE 16384

/* How a context loads its CAs; NULL and zero are the defaults. */
struct tls_loading {
	const char *system_bundle; /* replaces the system's store */
	enum { TLS_LOAD_AS_USUAL, TLS_LOAD_BY_NEED, TLS_LOAD_FULL } how;
};
/* tls_context_new() with a choice of how to load, for tests. */
struct tls_context *tls_context_new_loading(const struct tls_policy *policy, const struct tls_loading *loading,
					    struct error *err);

/* Called by tls_context_new(): opens or loads the CAs the policy names.  False with ERROR_FILE_MISSING. */
bool tls_trust_prepare(struct tls_context *ctx, const struct tls_loading *loading, struct error *err) MUST_CHECK;
/* Imports those CAs of the bundle that issued a certificate of the peer's chain. */
void tls_trust_add_issuers(struct tls_context *ctx, const gnutls_datum_t *chain, unsigned n);
/* Loads the complete store; afterwards ctx->trust is TRUST_FULL.  False with ERROR_FILE_MISSING. */
bool tls_trust_load_full(struct tls_context *ctx, struct error *err) MUST_CHECK;

/* Checks the peer's certificate.  True if it is accepted; otherwise false with ERROR_CERTIFICATE and *faults set. */
bool tls_verify(struct tls_context *ctx, gnutls_session_t session, unsigned *faults, struct error *err) MUST_CHECK;
/* Is this failure of a handshake one of the server's certificate?  GnuTLS refuses some before it asks tls_verify(). */
bool tls_verify_blames(int rc);

/* Replaces info->chain by a description of the peer's certificates. */
void tls_describe_chain(gnutls_session_t session, struct tls_info *info);
/* Describes the session in *info, except verified_by, round_trips and chain. */
void tls_describe_session(gnutls_session_t session, struct tls_info *info);
/* Appends "DNS:..." and "IP:..." of a certificate; without the prefix if with_type is false. */
void tls_describe_names(gnutls_x509_crt_t crt, bool with_type, struct strvec *names);
/* Hex, upper case, colons between bytes; malloc'ed. */
char *tls_describe_bytes(const void *bytes, size_t len);
char *tls_describe_fingerprint(gnutls_digest_algorithm_t digest, const gnutls_datum_t *der);
/* The subject's or issuer's DN, made printable; malloc'ed. */
char *tls_describe_dn(gnutls_x509_crt_t crt, bool issuer);

#endif
