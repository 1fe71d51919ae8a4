/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Shared by the tls_*.c files of this folder, the only ones that use GnuTLS:
 *   tls_gnutls.c    the stream, and the handshake of a client; tls_server.c: that of a server
 *   tls_failure.c   says why a handshake failed
 *   tls_context.c   loads and checks what the policy names
 *   tls_trust.c     loads the CAs, either those needed or all of them
 *   tls_chain.c     the certificates a server sends
 *   tls_facts.c     finds the facts on which the verdict depends
 *   tls_dane.c      compares them with TLSA records
 *   tls_verify.c    decides whether a certificate is accepted
 *   tls_report.c    says why not
 *   tls_describe.c  describes certificates as text
 *   tls_records.c   the record layer without GnuTLS's session; tls_records_state.c: as octets
 *   tls_kept.c      the stream of a session that another process began
 */
#ifndef TLS_TLS_INTERNAL_H
#define TLS_TLS_INTERNAL_H

#include "tls/pin.h"
#include "tls/tls.h"
#include "tls/verdict.h"

#include "tls/gnutls_lazy.h"

enum tls_trust_state {
	TRUST_NONE_NEEDED, /* the CAs are not asked */
	TRUST_BY_NEED,	   /* a bundle file; only the CAs needed so far were imported */
	TRUST_FULL	   /* all CAs were loaded */
};

struct tls_context {
	struct tls_policy policy; /* its strings are borrowed */
	unsigned refs;
	gnutls_certificate_credentials_t cred;
	gnutls_priority_t priorities;
	unsigned char fingerprint[32]; /* the expected one */
	size_t fingerprint_len;	       /* 0: none */
	unsigned char (*pins)[TLS_PIN_BYTES];
	size_t pin_count;
	struct secret key_pin; /* as policy.key_pin provided it */
	bool key_pin_asked;
	struct error key_pin_error; /* why it did not */
	char *host;		    /* without a final dot */
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

/* The peer's certificates: its own first. */
struct tls_chain {
	const gnutls_datum_t *der; /* borrowed from the session */
	unsigned n;
	gnutls_x509_crt_t *crt; /* the same certificates, parsed */
};
void tls_chain_release(struct tls_chain *chain);
/* False if the peer sent no certificate, or one that cannot be parsed. */
bool tls_chain_get(struct tls_chain *chain, gnutls_session_t session);
/* SHA-256 of the public key; false if there is none. */
bool tls_chain_pin(gnutls_x509_crt_t crt, unsigned char out[TLS_PIN_BYTES]);
/* Bits of GnuTLS's verification status of the chain with this one certificate as the only one trusted; 0: it vouches
 * for the server's certificate. */
unsigned tls_chain_status_under(const struct tls_chain *chain, gnutls_x509_crt_t anchor);
/* The fault bits of GnuTLS's verification status, without those of OCSP staples. */
unsigned tls_chain_faults(unsigned status, bool self_signed);

/* What is wrong with a key or signature of the chain. */
struct tls_weakness {
	unsigned at;	      /* index of the certificate */
	unsigned bits, least; /* of its key */
	bool old_signature;
};
/* The first weak certificate: the server's, or with issuers one of those that issued it, as far as they were sent. If
 * none is weak, what is known of the server's. */
struct tls_weakness tls_chain_weakness(const struct tls_chain *chain, bool issuers);

/* Compares the chain with the policy's records (RFC 7672).  *faults: of the chain up to a matching anchor. */
enum tlsa_match tls_dane_match(const struct tls_chain *chain, const struct tlsa_records *records, unsigned *faults);

/* Finds out what tls_verdict() needs to know, with the CAs loaded so far.  *status: GnuTLS's, if the CAs were asked. */
struct tls_facts tls_facts_gather(const struct tls_context *ctx, gnutls_session_t session,
				  const struct tls_chain *chain, unsigned *status);

/* Checks the peer's certificate.  True if it is accepted; otherwise false with ERROR_CERTIFICATE and *faults set. */
bool tls_verify(struct tls_context *ctx, gnutls_session_t session, unsigned *faults, struct error *err) MUST_CHECK;
/* Sets the error for these faults of a chain.  Always returns false. */
bool tls_report(const struct tls_context *ctx, gnutls_session_t session, const struct tls_chain *chain, unsigned faults,
		unsigned status, struct error *err);
/* The names of which the certificate must have one, "a or b"; malloc'ed. */
char *tls_expected_names(const struct tls_context *ctx);
/* Is this failure of a handshake one of the server's certificate?  GnuTLS refuses some before it asks tls_verify(). */
bool tls_verify_blames(int rc);

/* A session in which nothing is half read, half written or waiting to be sent. */
struct tls_rest {
	gnutls_session_t session; /* borrowed */
	struct span unread;	  /* received, and not given to GnuTLS yet */
	uint64_t received;	  /* records since the handshake */
};
/* False if it is not at rest, has failed or ended, or is no stream of tls_client_new(). */
bool tls_rest_of(struct stream *tls, struct tls_rest *rest) MUST_CHECK;
/* From now on the stream says and takes nothing: another one continues the session. */
void tls_rest_end(struct stream *tls);

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
