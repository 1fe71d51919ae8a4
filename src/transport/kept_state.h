/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kept_state: what a process has to know to go on with the session of another one, as octets: the server, what it said
 * of itself, how the session was secured and authenticated, and the keys of TLS.  No password is in it.
 */
#ifndef TRANSPORT_KEPT_STATE_H
#define TRANSPORT_KEPT_STATE_H

#include "base/strbuf.h"
#include "base/strvec.h"
#include "tls/info.h"
#include "transport/server.h"

struct kept_state {
	struct server server;
	char *peer;    /* struct connection */
	bool loopback; /* struct connection */
	bool tls;      /* the connection is in TLS */
	char *greeting, *greeting_name;
	struct strvec lines;	       /* caps->lines */
	char *mech;		       /* it was authenticated with this one; NULL: it was not */
	struct tls_info info;	       /* without a chain */
	unsigned messages;	       /* sent so far */
	unsigned transactions;	       /* so far: a message may need several */
	unsigned needs_asked, ignored; /* enum cap bits: struct transport, struct broken_promises */
	bool one_ehlo;
	struct strbuf keys; /* tls_kept_export(); wiped when released */
};
#define KEPT_STATE_INIT ((struct kept_state){.lines = STRVEC_INIT, .info = TLS_INFO_INIT, .keys = STRBUF_INIT})
void kept_state_release(struct kept_state *s);

void kept_state_write(const struct kept_state *s, struct strbuf *out);
/* False, with s released: it is damaged, or of another version of this program. */
bool kept_state_read(struct kept_state *s, struct span octets) MUST_CHECK;

#endif
