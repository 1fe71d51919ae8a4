/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tls_peer: a GnuTLS server in a thread, at the other end of a socket pair. */
#ifndef TESTS_TLS_PEER_H
#define TESTS_TLS_PEER_H

#include "base/strbuf.h"
#include "net/stream.h"
#include "pki.h"

#include <pthread.h>

struct tls_peer;
/* What it does once the handshake is done; then it says goodbye and closes. */
typedef void tls_peer_act(struct tls_peer *peer);

struct tls_peer {
	/* set by the test */
	const struct pki_cert *chain[4]; /* its own first; NULL-terminated */
	const char *priorities;		 /* NULL: TLS 1.3 */
	bool wants_client_certificate;
	size_t longest_record; /* that it takes; 0: any */
	tls_peer_act *act;     /* NULL: none */
	bool no_goodbye;
	/* what came of it, to be read after tls_peer_join() */
	int handshake; /* GnuTLS's result */
	char sni[256];
	bool saw_client_certificate;
	bool heard_goodbye; /* the client's close alert */
	struct strbuf binding, got;
	/* internals */
	gnutls_session_t session;
	int fd;
	pthread_t thread;
};

#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* Starts it; the stream is the client's end. */
struct stream *tls_peer_start(struct tls_peer *peer);
void tls_peer_join(struct tls_peer *peer);
void tls_peer_release(struct tls_peer *peer);
/* For acts: all of it, blocking. */
void tls_peer_send(struct tls_peer *peer, const void *octets, size_t len);
/* Until that many octets came or the end. */
void tls_peer_receive(struct tls_peer *peer, size_t len);

#endif
