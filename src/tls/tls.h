/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls: a TLS client stream on top of another stream (tls/tls_server.h: the other side).  Only the files tls_*.c of this
 * folder use GnuTLS.
 *
 * The handshake runs in our own poll loop, with a deadline.  The certificate is checked within the handshake, before
 * any data of ours is sent.  Errors:
 *   ERROR_CERTIFICATE   the certificate is not trusted: the text says why (expired, other name, unknown issuer,
 *                       fingerprint differs ...), the hint says how to fix it; nothing was sent
 *   ERROR_TLS           any other failure of the handshake, with the name of the alert; if the server answered in
 *                       plain text, the text says so and the hint names tls_starttls
 *   ERROR_FILE_MISSING  the trust, CRL, key or certificate file cannot be read or is empty
 *   ERROR_CONFIG        bad priorities, fingerprint or key/certificate pair
 *   ERROR_TIMEOUT, ERROR_CONNECTION_LOST
 */
#ifndef TLS_TLS_H
#define TLS_TLS_H

#include "net/stream.h"
#include "tls/info.h"
#include "tls/policy.h"

/* Loads and checks everything the policy names (files, priorities, fingerprint), before a connection is made. NULL
 * with err set if something is wrong. */
struct tls_context;
struct tls_context *tls_context_new(const struct tls_policy *policy, struct error *err);
void tls_context_free(struct tls_context *ctx);
DEFINE_AUTO_PTR(tls_context);

enum tls_detail {
	TLS_BRIEF,
	TLS_CERTIFICATES
}; /* TLS_CERTIFICATES also fills info->chain, even if certcheck is off or the check fails */

/* Does the handshake and returns the TLS stream, or NULL with err set.  The stream keeps what it needs of ctx, which
 * may be freed first.  info, which may be NULL, describes the session; after a failure only its chain and plain_text
 * are.  On success the stream owns *lower, which is set to NULL; on failure the caller still owns it. */
struct stream *tls_client_new(struct tls_context *ctx, struct stream **lower, const struct clock *clock,
			      msec_t deadline, enum tls_detail detail, struct tls_info *info, struct error *err);

enum tls_binding_type { TLS_BINDING_NONE, TLS_BINDING_EXPORTER, TLS_BINDING_UNIQUE };
/* Appends the raw channel binding: tls-exporter on TLS 1.3 (RFC 9266), tls-unique on TLS 1.2 with the extended master
 * secret (RFC 5929).  Otherwise appends nothing and returns TLS_BINDING_NONE. */
enum tls_binding_type tls_channel_binding(struct stream *tls, struct strbuf *raw);

/* For --version, "GnuTLS 3.7.9": the version it was built with; malloc'ed. */
char *tls_library_version(void);

#endif
