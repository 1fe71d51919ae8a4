/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sasl_server: the server's side of one authentication exchange, with a client of the mail service.
 *
 *	struct sasl_server *x = sasl_server_new(&(struct sasl_server_request){.mechanism = "PLAIN", .users = &users});
 *	verdict = sasl_server_step(x, initial, &challenge); // initial.ptr NULL: there was none
 *	while (verdict == SASL_CHALLENGE)
 *		verdict = sasl_server_step(x, ask(&challenge), &challenge);
 *	sasl_server_free(x);
 *
 * SCRAM is libgsasl's.  PLAIN and LOGIN are ours: libgsasl would leave copies of the password in memory, and has
 * prompts that some clients of LOGIN do not understand.  A name that there is not is asked for its password as any
 * other, and costs the same time.  A client cannot act as somebody else than who it is.
 */
#ifndef AUTH_SASL_SERVER_H
#define AUTH_SASL_SERVER_H

#include "auth/login_users.h"
#include "base/strbuf.h"
#include "base/strvec.h"

struct sasl_server_request {
	const char *mechanism;		 /* one of sasl_server_mechanisms() */
	const struct login_users *users; /* borrowed */
	bool exporter;			 /* the binding is tls-exporter, else tls-unique */
	struct span binding;		 /* of the TLS session, raw; empty: there is none */
};

enum sasl_verdict {
	SASL_CHALLENGE,
	SASL_ACCEPTED,
	SASL_REFUSED,  /* name, password, or whom the client wants to act as */
	SASL_MALFORMED /* this is not what the mechanism wants */
};

struct sasl_server;
/* Never NULL. */
struct sasl_server *sasl_server_new(const struct sasl_server_request *req);
/* Appends the challenge, if that is the verdict.  A NUL must follow the octets of the response.  response.ptr NULL: an
 * initial response was not sent. */
enum sasl_verdict sasl_server_step(struct sasl_server *x, struct span response, struct strbuf *challenge);
/* Who the client says it is, or is after SASL_ACCEPTED; NULL: not said yet.  Borrowed. */
const char *sasl_server_name(const struct sasl_server *x);
void sasl_server_free(struct sasl_server *x);

/* Loads the library, before anything else here is called.  False with err: it cannot be loaded. */
bool sasl_server_load(struct error *err) MUST_CHECK;
/* Appends the names of the mechanisms that work for all users, the best first; binding: those with it, too. */
void sasl_server_mechanisms(const struct login_users *users, bool binding, struct strvec *out);

#endif
