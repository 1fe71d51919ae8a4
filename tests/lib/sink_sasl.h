/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_SASL_H
#define SINK_SASL_H

#include "sink_conn.h"

/*
 * The server side of one SASL exchange, in octets: base64 and lines are the
 * caller's.  libgsasl does the mechanisms it has; XOAUTH2 and OAUTHBEARER
 * (RFC 7628) are done here.
 */
struct sasl;

enum sasl_result {
	SASL_CHALLENGE, /* send the output and step again with the answer */
	SASL_DONE,	/* authenticated */
	SASL_REFUSED,	/* wrong password, wrong token, ... */
	SASL_MALFORMED, /* the client broke the mechanism's syntax */
};

/* Does the server speak first in this mechanism? (AUTH with an initial response is then wrong.) */
bool sasl_server_first(const char *mechanism);
/* NULL when there is no such mechanism.  conn gives the channel binding and must outlive it. */
struct sasl *sasl_new(const char *mechanism, const struct conn *conn);
/* The first step has input NULL when the client sent no initial response.  out is added to. */
enum sasl_result sasl_step(struct sasl *s, const char *input, size_t len, struct buf *out);
/* After SASL_DONE: who; "" when the mechanism does not say. */
const char *sasl_user(const struct sasl *s);
/* After SASL_DONE: name of the channel binding used, or "". */
const char *sasl_binding(const struct sasl *s);
/* In words, why the last step refused. */
const char *sasl_why(const struct sasl *s);
void sasl_free(struct sasl *s);

#endif
