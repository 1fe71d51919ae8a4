/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * authenticate: answers SESSION_SASL with the mechanisms and secrets of an
 * account.
 */
#ifndef TRANSPORT_AUTHENTICATE_H
#define TRANSPORT_AUTHENTICATE_H

#include "auth/sasl.h"
#include "base/runtime.h"
#include "config/account.h"
#include "net/stream.h"
#include "smtp/client/session.h"

struct authenticator {
	const struct account *account;
	const struct secret *password; /* NULL: none was found or needed */
	/* Asks for the password if it turns out to be needed; NULL: it was asked for.  Sets password. */
	bool (*fetch)(void *arg, struct error *err);
	void *fetch_arg;
	bool have_oauth; /* password is an access token ... */
	/* ... and this replaces it by a new one, once in a session.  False: there is none. */
	bool (*renew)(void *arg, struct error *err);
	void *renew_arg;
	bool renewed;
	const char *host;
	unsigned port;
	struct stream *tls;    /* for channel binding; NULL without TLS */
	bool is_protected;     /* the connection: TLS, loopback, Unix socket, or auth_without_tls */
	bool is_verified;      /* the connection: TLS with a certificate that was checked */
	bool have_ticket;      /* authenticate_has_ticket() */
	struct strvec refused; /* mechanisms the server refused */
	struct strvec failed;  /* mechanisms that failed before the server could judge the password */
	struct error failure;  /* of the first of them */
	bool apart;	       /* PLAIN was tried again, without its initial response */
	const struct mech *mech;
	struct sasl *sasl;
	struct mech_choice choice; /* with the reasons against the other ones */
};

void authenticator_release(struct authenticator *a);
/* Is auth not "off"? */
bool authenticate_wanted(const struct account *account);
/* Does this account's auth setting need a secret?  Can be called before connecting. */
bool authenticate_wants_secret(const struct account *account);
/* May a Kerberos ticket do?  Only where auth is on and no setting names a password.  Can be called before connecting.
 */
bool authenticate_has_ticket(const struct account *account, const struct runtime *runtime);
/* What the account says about the choice of a mechanism; the connection as it will probably be, if the server offers
 * every mechanism. */
struct mech_situation authenticate_outlook(const struct account *account, const struct runtime *runtime);
/* Which mechanism would be used now, on this connection, and why none of the others: into a->choice. */
void authenticate_survey(struct authenticator *a, const struct caps *caps);
void authenticate_step(struct authenticator *a, struct session *session, const struct session_step *step);
/* The next message: what the server refused may be accepted now. */
void authenticate_forget(struct authenticator *a);
/* Authentication was refused: says what the server said within the exchange (OAuth's JSON), or what to look at where
 * no password was sent. */
void authenticate_explain(const struct authenticator *a, struct error *err);

#endif
