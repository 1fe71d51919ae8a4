/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sasl: one authentication exchange, raw octets in and out (base64 is the
 * session's).  sasl_plain.c does PLAIN and LOGIN, sasl_oauth.c OAUTHBEARER
 * (RFC 7628) and XOAUTH2; sasl_gsasl.c is the only file that knows libgsasl, and loads
 * it when one of the other mechanisms is begun or asked about.
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
		*password; /* password or token; borrowed until sasl_free(), all else until sasl_new() returns */
	const char *host;  /* canonical host name, for DIGEST-MD5, GSSAPI, OAUTHBEARER */
	unsigned port;	   /* OAUTHBEARER */
	const char *realm; /* ntlmdomain / DIGEST-MD5 realm, or NULL */
	enum { SASL_BINDING_NONE, SASL_BINDING_EXPORTER, SASL_BINDING_UNIQUE } binding;
	struct span binding_data; /* raw */
};

struct sasl;
struct sasl_ops {
	/* Challenge in, response out.  ERROR_PROTOCOL / ERROR_AUTH_REFUSED / ERROR_CONFIG (a password SASLprep
	 * refuses) when the exchange must be cancelled. */
	bool (*step)(struct sasl *s, struct span challenge, struct strbuf *response, struct error *err);
	/* The server says success: does the mechanism agree (SCRAM: was the server's signature seen)? */
	bool (*finished)(struct sasl *s, struct error *err);
	/* What the server told us within the exchange about a failure (OAuth JSON error, decoded), or NULL; borrowed.
	 */
	const char *(*server_error)(const struct sasl *s);
	void (*free)(struct sasl *s);
};
struct sasl {
	const struct sasl_ops *ops;
};

/*
 * Begins.  *has_initial tells whether response holds an initial response (it
 * may be empty).  The caller wipes response.
 */
struct sasl *sasl_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial, struct error *err);
bool sasl_step(struct sasl *s, struct span challenge, struct strbuf *response, struct error *err) MUST_CHECK;
bool sasl_finished(struct sasl *s, struct error *err) MUST_CHECK;
const char *sasl_server_error(const struct sasl *s);
void sasl_free(struct sasl *s);
DEFINE_AUTO_PTR(sasl);

/* For --version, malloc'ed: "libgsasl 2.2.0", the one it was built with. */
char *sasl_library_version(void);
/* Can it be done here?  Loads libgsasl where that decides. */
bool sasl_supports(const char *mech);

/* The backends behind sasl_new(). */
struct sasl *sasl_plain_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial,
			    struct error *err);
struct sasl *sasl_gsasl_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial,
			    struct error *err);
bool sasl_gsasl_supports(const char *mech);
struct sasl *sasl_oauth_new(const struct sasl_request *req, struct strbuf *response, bool *has_initial,
			    struct error *err);

#endif
