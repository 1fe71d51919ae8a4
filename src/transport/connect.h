/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * connect: from an account to a connected stream, TLS from the first octet
 * included where the account wants it.  Phases are timed.
 */
#ifndef TRANSPORT_CONNECT_H
#define TRANSPORT_CONNECT_H

#include "config/account.h"
#include "transport/server.h"
#include "net/dial.h"
#include "tls/tls.h"

struct connect_request {
	const struct account *account;
	const struct server *server; /* one of the account's */
	const struct resolver *resolver;
	const struct clock *clock;
	msec_t deadline;
	enum tls_detail detail;
};

enum connect_phase { CONNECT_DNS, CONNECT_DIAL, CONNECT_TLS, CONNECT_DONE };

struct connection {
	struct stream *stream;		 /* top of the stack */
	struct tls_context *tls_context; /* NULL when TLS is off */
	bool tls;			 /* active */
	bool loopback;			 /* the peer is this machine: loopback address or Unix socket */
	char *peer;			 /* "192.0.2.1 port 465" or the socket's path */
	enum connect_phase phase;	 /* what was being done: where it failed */
	struct tls_info info;
	msec_t ms_dns, ms_connect, ms_tls;
};

void connection_release(struct connection *c);
/* Errors carry their stage.  On failure the connection keeps what is known (peer,
 * certificate) until connection_release(). */
bool connect_account(const struct connect_request *req, struct connection *c, struct error *err) MUST_CHECK;
/* Puts TLS on the connection (TLS from the first octet, or after STARTTLS). */
bool connect_start_tls(const struct connect_request *req, struct connection *c, struct error *err) MUST_CHECK;

#endif
