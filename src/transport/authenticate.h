/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * authenticate: answers SESSION_SASL with the mechanisms and secrets of an
 * account.
 */
#ifndef TRANSPORT_AUTHENTICATE_H
#define TRANSPORT_AUTHENTICATE_H

#include "auth/sasl.h"
#include "config/account.h"
#include "net/stream.h"
#include "smtp/client/session.h"

struct authenticator {
	const struct account *account;
	const struct secret *password; /* NULL: none was found or needed */
	const char *host;
	unsigned port;
	struct stream *tls;    /* for channel binding; NULL without TLS */
	bool is_protected;     /* the connection: TLS, loopback, Unix socket, or auth_without_tls */
	struct strvec refused; /* mechanisms the server refused */
	bool apart;	       /* PLAIN was tried again, without its initial response */
	const struct mech *mech;
	struct sasl *sasl;
	struct mech_choice choice; /* with the reasons against the other ones, for --debug */
};

void authenticator_release(struct authenticator *a);
/* Is auth not "off"? */
bool authenticate_wanted(const struct account *account);
/* Does this account's auth setting need a secret?  Can be called before connecting. */
bool authenticate_wants_secret(const struct account *account);
void authenticate_step(struct authenticator *a, struct session *session, const struct session_step *step);
/* Authentication was refused: says what the server said within the exchange (OAuth's JSON), or what to look at where
 * no password was sent. */
void authenticate_explain(const struct authenticator *a, struct error *err);

#endif
