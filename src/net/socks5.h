/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * socks5: asks a SOCKS5 proxy (RFC 1928, user and password RFC 1929) to
 * connect on; afterwards the same stream leads to the target.  The name is
 * given to the proxy unresolved.  Errors: ERROR_CONNECT (temporary refusals),
 * ERROR_SERVER_REFUSES (not allowed, address type), ERROR_PROTOCOL, ERROR_AUTH_REFUSED, ERROR_TIMEOUT,
 * ERROR_CONNECTION_LOST, ERROR_CONFIG (name, user or password too long).  Not an octet
 * behind the proxy's reply is read: it belongs to the target.
 */
#ifndef NET_SOCKS5_H
#define NET_SOCKS5_H

#include "base/secret.h"
#include "net/stream.h"

struct socks5_request {
	const char *host; /* name or literal, at most 255 octets */
	unsigned port;
	const char *user; /* NULL: no authentication offered */
	const struct secret *password;
	const struct clock *clock;
	msec_t deadline;
};
bool socks5_connect(struct stream *proxy, const struct socks5_request *req, struct error *err) MUST_CHECK;

#endif
