/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_redirect: reads what comes to the loopback address of a login: the browser's request that carries the
 * authorization server's answer (RFC 6749 section 4.1.2, RFC 8252 section 7.3), and whatever else browsers and other
 * programs send there.  Pure.
 *
 * The answer is a GET of our path, for our own address, with our state.  Everything else is answered with an HTTP
 * error, and the login goes on waiting: pages that the user has open can send requests, too.
 */
#ifndef OAUTH_REDIRECT_H
#define OAUTH_REDIRECT_H

#include "base/secret.h"
#include "base/strbuf.h"

#define OAUTH_REDIRECT_LIMIT ((size_t)16 << 10)

/* What the answer must have; the texts are borrowed. */
struct oauth_expected {
	unsigned port;
	const char *state;
	const char *issuer; /* NULL: an iss is not checked */
	bool iss_promised;  /* the server said that it sends iss (RFC 9207) */
};

enum oauth_redirect_kind {
	OAUTH_REDIRECT_OTHER,	/* not the answer: go on waiting */
	OAUTH_REDIRECT_CODE,	/* the user agreed */
	OAUTH_REDIRECT_REFUSED, /* the server's answer is an error */
	OAUTH_REDIRECT_MIXED_UP /* it has our state, but iss is missing or is another server's: issuer says which */
};

struct oauth_redirect {
	enum oauth_redirect_kind kind;
	int http;	   /* status of our response: 200, 400, 404, 405, 431 */
	bool without_body; /* it is HEAD */
	bool tls;	   /* the browser wants https here, which there is not */
	struct secret code;
	char *error, *description; /* of REFUSED, as they came; either may be NULL */
	char *issuer;		   /* of MIXED_UP; NULL: there was none */
};

#define OAUTH_REDIRECT_INIT ((struct oauth_redirect){.code = SECRET_INIT})

void oauth_redirect_release(struct oauth_redirect *r);

/* 1: bytes begins with a request, which is described; 0: more bytes are needed; -1: it is not a request, or it is too
 * long; kind is OAUTH_REDIRECT_OTHER then. */
int oauth_redirect_read(struct span bytes, const struct oauth_expected *expected, struct oauth_redirect *out);
/* Reads a line into which the user pasted the address that the browser was sent to, or the code alone.  False: it has
 * neither. */
bool oauth_redirect_read_pasted(struct span line, const struct oauth_expected *expected,
				struct oauth_redirect *out) MUST_CHECK;
/* Appends the response with this text (not HTML) in its page. */
void oauth_redirect_respond(const struct oauth_redirect *r, const char *text, struct strbuf *out);

#endif
