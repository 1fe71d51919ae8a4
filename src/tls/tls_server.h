/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_server: the server's side of TLS, for the clients of the mail service.
 *
 *	struct tls_server *server = tls_server_open(cert_file, key_file, &err);
 *	struct stream *tls = tls_server_start(server, &lower, clock, deadline, &err);	// after 220 to STARTTLS
 *
 * TLS 1.2 at least, with the ciphers of the system's administrator.  Clients are not asked for certificates.  There are
 * no session tickets and there is no early data: each session is served by a process of its own, so a key for tickets
 * would have to be shared and renewed, and early data can be sent again by others (RFC 8446 section 8).
 */
#ifndef TLS_TLS_SERVER_H
#define TLS_TLS_SERVER_H

#include "net/stream.h"

struct tls_server;
/*
 * Reads the certificate, with those of its issuers after it, and the key: PEM, maybe in one file.  NULL with
 * ERROR_FILE_MISSING (one cannot be read) or ERROR_CONFIG (it is no certificate or key, they do not belong together,
 * or users other than those meant can read the key: fs_admin_fd()).
 */
struct tls_server *tls_server_open(const char *cert_file, const char *key_file, struct error *err);
void tls_server_free(struct tls_server *server);
DEFINE_AUTO_PTR(tls_server);

/* Does the handshake and returns the TLS stream, which owns *lower then; *lower becomes NULL.  NULL with err set: the
 * caller still owns *lower.  The server must live longer than the stream. */
struct stream *tls_server_start(struct tls_server *server, struct stream **lower, const struct clock *clock,
				msec_t deadline, struct error *err);

#endif
