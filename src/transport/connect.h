/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * connect: from an account's server to a connected stream, with TLS unless it
 * starts later (STARTTLS).  Phases are timed.
 */
#ifndef TRANSPORT_CONNECT_H
#define TRANSPORT_CONNECT_H

#include "config/account.h"
#include "transport/dane.h"
#include "net/dial.h"
#include "tls/tls.h"

/* A server that has not greeted by then may wait for TLS, or for the end of TLS. */
#define CONNECT_SILENCE_MS 5000

/* The addresses of a server's name, over several connections. */
struct connect_target {
	bool resolved;
	struct address_list addresses; /* not tried yet */
	struct address used;	       /* by the last connection; it comes first in the next one ... */
	bool has_used;		       /* ... unless connect_target_next() was called */
	struct dane dane;	       /* of the server's name, not of a proxy's */
};
#define CONNECT_TARGET_INIT ((struct connect_target){.addresses = ADDRESS_LIST_INIT, .dane = DANE_INIT})
void connect_target_release(struct connect_target *target);
/* Leaves the address of the last connection; false if there is no other one. */
bool connect_target_next(struct connect_target *target);

struct connect_request {
	const struct account *account;
	const struct server *server;   /* one of the account's */
	struct connect_target *target; /* of that server; not used for a proxy's name */
	const struct runtime *runtime; /* where accepted keys are kept */
	const struct resolver *resolver;
	const struct clock *clock;
	msec_t deadline;
	struct tls_key_pin key_pin; /* for the client's key */
	enum tls_detail detail;
	bool certificate_ignored;	/* only to see whether the server speaks TLS: nothing is sent */
	struct stream_silence *silence; /* set on the connection, for CONNECT_SILENCE_MS from its start; NULL: none */
};

/* The file of the keys that the user accepted (tls_trust first_use), malloc'ed; NULL: there cannot be one. */
char *connect_known_hosts(const struct runtime *runtime);

/* The port of the account's proxy. */
unsigned connect_proxy_port(const struct account *a);

enum connect_phase { CONNECT_DNS, CONNECT_DIAL, CONNECT_TLS, CONNECT_DONE };

struct connection {
	struct stream *stream;		 /* top of the stack */
	struct tls_context *tls_context; /* NULL when TLS is off */
	struct known_host known;	 /* the key that was accepted for the server, if there is one */
	bool tls;			 /* active */
	bool loopback;			 /* the peer is this machine: loopback address or Unix socket */
	char *peer;			 /* "192.0.2.1 port 465" or the socket's path */
	enum connect_phase phase;	 /* the phase it failed in, or DONE */
	struct tls_info info;
	msec_t ms_dns, ms_connect, ms_tls;
};

/* Without a connection: can the account's files for TLS (CAs, revoked certificates, certificate and key) be used? */
bool connect_check_files(const struct account *a, struct error *err) MUST_CHECK;
void connection_release(struct connection *c);
/* Loads what the account's TLS settings name, which may ask the user for the PIN of a key; else connect_account() does
 * it while it connects. */
bool connect_prepare(const struct connect_request *req, struct connection *c, struct error *err) MUST_CHECK;
/* c: empty, or prepared.  Errors have their stage.  After a failure the connection still holds what is known (peer,
 * certificate); connection_release() is necessary in any case. */
bool connect_account(const struct connect_request *req, struct connection *c, struct error *err) MUST_CHECK;
/* Puts TLS on the connection, at its start or after STARTTLS. */
bool connect_start_tls(const struct connect_request *req, struct connection *c, struct error *err) MUST_CHECK;

#endif
