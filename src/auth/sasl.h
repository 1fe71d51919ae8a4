/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sasl: one authentication exchange.  Messages are raw; the session adds and removes base64.
 *
 * sasl_oauth.c implements OAUTHBEARER (RFC 7628) and XOAUTH2, which libgsasl does not have.  sasl_gsasl.c, which
 * uses libgsasl, implements all others.  auth/sasl_server.h is the other side.
 */
#ifndef AUTH_SASL_H
#define AUTH_SASL_H

#include "auth/mech_choose.h"
#include "base/secret.h"
#include "base/strbuf.h"

struct sasl_request {
	const struct mech *mech;
	const char *user;    /* authentication identity; NULL: none */
	const char *authzid; /* authorisation identity; NULL: none */
	const struct secret
		*password; /* password or token; borrowed until sasl_free(), everything else until sasl_new() returns */
	const char *host;  /* canonical host name, for DIGEST-MD5, GSSAPI, OAUTHBEARER */
	unsigned port;	   /* OAUTHBEARER */
	const char *realm; /* ntlmdomain / DIGEST-MD5 realm, or NULL */
	enum { SASL_BINDING_NONE, SASL_BINDING_EXPORTER, SASL_BINDING_UNIQUE } binding;
	struct span binding_data; /* raw */
};

struct sasl;
struct sasl_ops {
	/* Reads a challenge and appends the response.  False if the exchange must be cancelled: ERROR_PROTOCOL,
	 * ERROR_AUTH_REFUSED, or ERROR_CONFIG (a password that SASLprep refuses). */
	bool (*step)(struct sasl *s, struct span challenge, struct strbuf *response, struct error *err);
	/* Called when the server reports success.  False if the mechanism does not agree (SCRAM: the server's
	 * signature was not seen). */
	bool (*finished)(struct sasl *s, struct error *err);
	/* What the server said within the exchange about a failure (the OAuth JSON error, decoded), or NULL.
	 * Borrowed until the next call. */
	const char *(*server_error)(const struct sasl *s);
	void (*free)(struct sasl *s);
};
struct sasl {
	const struct sasl_ops *ops;
	unsigned rounds; /* challenges received */
	/* The server has what it needs to judge the password, or behaves as if it were another server: if the exchange
	 * fails now, no other mechanism may be tried. */
	bool decided;
};

/* No mechanism needs more challenges; without a limit a server could keep the exchange going for ever. */
#define SASL_ROUNDS_MAX 10

/* The identity to act as, which is transmitted: authzid if it is set.  EXTERNAL sends the user name otherwise, because
 * it has no other field for it.  GSSAPI does not: the server derives the identity from the ticket, and refuses a user
 * name that is written in another way than the ticket's.  "" if it is empty, NULL if there is none. */
const char *sasl_identity(const struct sasl_request *req);
/*
 * Starts an exchange.  *has_initial is true if response has an initial response, which may be empty.  The caller
 * wipes response.  NULL with err set on failure.
 */
struct sasl *sasl_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial, struct error *err);
/* Answers a challenge, which comes from a server that is not authenticated: any octets, any number, in any order.
 * ERROR_PROTOCOL for the challenge after SASL_ROUNDS_MAX. */
bool sasl_step(struct sasl *s, struct span challenge, struct strbuf *response, struct error *err) MUST_CHECK;
bool sasl_finished(struct sasl *s, struct error *err) MUST_CHECK;
const char *sasl_server_error(const struct sasl *s);
void sasl_free(struct sasl *s);
DEFINE_AUTO_PTR(sasl);

/* For --version: "libgsasl 2.2.0", malloc'ed. */
char *sasl_library_version(void);
/* True if this mechanism can be used; libgsasl may have been built without some. */
bool sasl_supports(const char *mech);

/* The implementations that sasl_new() chooses from. */
struct sasl *sasl_gsasl_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial,
			    struct error *err);
bool sasl_gsasl_supports(const char *mech);
struct sasl *sasl_oauth_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial,
			    struct error *err);

#endif
