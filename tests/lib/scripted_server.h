/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scripted_server: plays the server's part of a dialogue on a real socket.
 *
 * It reads every line of a flight before it answers any, compares octet for
 * octet, and has a deadline of its own for everything, so that no client can
 * keep it.  Nothing sleeps: it waits for octets, for the client's end, or for
 * the deadline.
 */
#ifndef TESTS_SCRIPTED_SERVER_H
#define TESTS_SCRIPTED_SERVER_H

#include "dialogue.h"

#include <gnutls/gnutls.h>

struct scripted_server {
	int listen_fd;
	unsigned port; /* of 127.0.0.1, chosen by the system */
	gnutls_certificate_credentials_t credentials;
};

/* Makes a key and a certificate for 127.0.0.1 and localhost, which vouches for itself; PEM into the two buffers. */
bool scripted_server_certificate(struct strbuf *certificate, struct strbuf *key, struct error *err) MUST_CHECK;
bool scripted_server_open(struct scripted_server *s, const struct strbuf *certificate, const struct strbuf *key,
			  struct error *err) MUST_CHECK;
void scripted_server_close(struct scripted_server *s);
/*
 * Plays d with the one client that comes.  gone becomes readable when the
 * client's process has ended; deadline is absolute, of CLOCK_MONOTONIC in
 * milliseconds.  Adds to why what was not as it should be: nothing, if the
 * client kept to the dialogue.
 */
void scripted_server_play(struct scripted_server *s, const struct dialogue *d, int gone, long long deadline,
			  struct strbuf *why);
long long scripted_server_now(void);

#endif
