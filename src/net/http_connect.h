/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http_connect: asks an HTTP proxy to connect to a target (CONNECT, RFC 9110 section 9.3.6; user and password: Basic,
 * RFC 7617).
 *
 * After success the stream leads to the target; nothing is sent to it before.  What came in one portion with the end of
 * the proxy's response belongs to the target, and *proxy has it to be read first.  The response is read to the end of
 * its header only, of at most HTTP_CONNECT_MAX octets with interim responses.  The login is sent at once, because a
 * proxy may close the connection after it asked for one, and asked for once only.
 *
 * Errors: ERROR_CONNECT (it cannot reach the target now), ERROR_SERVER_REFUSES (not allowed, or no CONNECT),
 * ERROR_PROTOCOL (it speaks something else, or its header is too long), ERROR_AUTH_REFUSED, ERROR_TIMEOUT,
 * ERROR_CONNECTION_LOST, ERROR_CONFIG (a host or user that cannot be sent).
 */
#ifndef NET_HTTP_CONNECT_H
#define NET_HTTP_CONNECT_H

#include "net/proxy_request.h"
#include "net/stream.h"

#define HTTP_CONNECT_MAX (64 * 1024)

bool http_connect(struct stream **proxy, const struct proxy_request *req, struct error *err) MUST_CHECK;

#endif
