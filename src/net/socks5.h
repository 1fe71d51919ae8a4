/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * socks5: asks a SOCKS5 proxy (RFC 1928; user and password: RFC 1929) to connect to a target.
 *
 * After success the same stream leads to the target.  The host name is sent to the proxy unresolved.  Nothing after
 * the proxy's reply is read, because it belongs to the target.
 *
 * Errors: ERROR_CONNECT (temporary refusals), ERROR_SERVER_REFUSES (not allowed, or address type or command not
 * supported), ERROR_PROTOCOL, ERROR_AUTH_REFUSED, ERROR_TIMEOUT, ERROR_CONNECTION_LOST, ERROR_CONFIG (name, user or
 * password too long).
 */
#ifndef NET_SOCKS5_H
#define NET_SOCKS5_H

#include "net/proxy_request.h"
#include "net/stream.h"

/* The host and the user have at most 255 octets. */
bool socks5_connect(struct stream *proxy, const struct proxy_request *req, struct error *err) MUST_CHECK;

#endif
