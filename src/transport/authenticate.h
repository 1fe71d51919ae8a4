/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * authenticate: answers the session's SASL questions with the mechanisms and
 * secrets of an account.
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
	bool protected_line;   /* TLS, loopback, Unix socket, or auth_without_tls */
	struct strvec refused; /* mechanisms the server would not have */
	const struct mech *mech;
	struct sasl *sasl;
	struct mech_choice choice; /* and why not the others, for --debug */
};

void authenticator_release(struct authenticator *a);
/* Is auth anything but off? */
bool authenticate_wanted(const struct account *account);
/* Does this account's auth setting need a secret?  Asked before connecting. */
bool authenticate_wants_secret(const struct account *account);
void authenticate_step(struct authenticator *a, struct session *session, const struct session_step *step);
/* The session ended in a refusal: adds what the server said inside the exchange (OAuth's JSON). */
void authenticate_explain(const struct authenticator *a, struct error *err);

#endif
