/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_TLS_H
#define SINK_TLS_H

#include "sink_conn.h"

#include <sys/types.h>

/* Certificate, key, client authorities and priority, made once before any connection. */
struct tls_context;

/* Returns NULL and the reason in *why (static text) when a file or the priority is no good. */
struct tls_context *tls_context_new(const struct options *opt, const char **why);
void tls_context_free(struct tls_context *ctx);

/*
 * Handshake as a server; any input in c->in must have been dropped before.
 * False: it failed, the reason is in the transcript, the connection is of no
 * further use.
 */
bool tls_start(struct conn *c, const struct tls_context *ctx);
/* As recv and send; -1 with c->broken false means "not now". */
ssize_t tls_recv(struct conn *c, void *data, size_t len);
ssize_t tls_send(struct conn *c, const void *data, size_t len);
void tls_bye(struct conn *c);

/* What was agreed.  Each text is "" when there is none. */
struct tls_info {
	char version[16];
	char cipher[40];
	struct buf sni;
	struct buf client_subject; /* RFC 4514 name of the client certificate */
	bool client_verified;
};
void tls_describe(const struct conn *c, struct tls_info *info);
/*
 * The channel binding, base64, for the version in use: tls-exporter (RFC
 * 9266) for TLS 1.3, tls-unique (RFC 5929) before.  Returns its name, or NULL
 * when there is none.
 */
const char *tls_binding(const struct conn *c, struct buf *base64);

#endif
