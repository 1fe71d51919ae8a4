/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls: a TLS client stream on top of another stream.  The files tls_*.c of this folder
 * are the only ones that know GnuTLS.
 *
 * The handshake runs in a poll loop of ours with a deadline; the certificate is judged inside it, before
 * any octet of ours goes out.  Errors:
 *   ERROR_CERTIFICATE   not trusted: text says why in words (expired, other name, unknown issuer,
 *                       fingerprint differs ...), hint how to look and how to mend; nothing was sent
 *   ERROR_TLS           any other failure of the handshake, with the alert's name; a plain-text
 *                       answer says that the port does not speak TLS from the first byte (and the hint names STARTTLS)
 *   ERROR_FILE_MISSING  trust, CRL, key or certificate file cannot be read or is empty
 *   ERROR_CONFIG        bad priorities, fingerprint or key/certificate pair
 *   ERROR_TIMEOUT, ERROR_CONNECTION_LOST
 */
#ifndef TLS_TLS_H
#define TLS_TLS_H

#include "net/stream.h"
#include "tls/info.h"
#include "tls/policy.h"

/* Checks and loads what the policy names, before anything is connected: files,
 * priorities, fingerprint. */
struct tls_context;
struct tls_context *tls_context_new(const struct tls_policy *policy, struct error *err);
void tls_context_free(struct tls_context *ctx);
DEFINE_AUTO_PTR(tls_context);

enum tls_detail {
	TLS_BRIEF,
	TLS_CERTIFICATES
}; /* the latter also fills info->chain, even with certcheck off or a failed check */

/* The stream keeps what it needs of the context, which may be freed before it.
 * info is filled as far as things went, on failure only its chain; NULL: nobody asks.
 * Takes *lower over on success (and sets it to NULL); on failure it stays the caller's. */
struct stream *tls_client_new(struct tls_context *ctx, struct stream **lower, const struct clock *clock,
			      msec_t deadline, enum tls_detail detail, struct tls_info *info, struct error *err);

enum tls_binding_type { TLS_BINDING_NONE, TLS_BINDING_EXPORTER, TLS_BINDING_UNIQUE };
/* tls-exporter on TLS 1.3 (RFC 9266); tls-unique on 1.2 with the extended master
 * secret (RFC 5929), else NONE.  Appends the raw octets. */
enum tls_binding_type tls_channel_binding(struct stream *tls, struct strbuf *raw);

/* For --version: "GnuTLS 3.7.9". malloc'ed */
char *tls_library_version(void);

#endif
