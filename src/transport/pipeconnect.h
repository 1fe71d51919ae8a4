/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pipeconnect: early pipelining for a transport: whether a session may start
 * with the server's remembered capabilities, and what is remembered of it.
 */
#ifndef TRANSPORT_PIPECONNECT_H
#define TRANSPORT_PIPECONNECT_H

#include "base/runtime.h"
#include "config/account.h"
#include "transport/server.h"
#include "secret/redactor.h"
#include "smtp/client/session.h"
#include "tls/info.h"

struct pipeconnect {
	bool enabled; /* false: nothing is remembered */
	const struct runtime *runtime;
	const struct account *account;
	bool auth;				   /* it will authenticate */
	const struct redactor *redactor;	   /* a list in which the server repeats a secret is not stored */
	void (*note)(void *arg, const char *text); /* or NULL */
	void *note_arg;
	const char *local_name; /* what the next session says in EHLO; borrowed until it was updated */

	/* internal */
	const struct server *server; /* of the current session */
	bool usable;		     /* the session may start early if the server's list is known ... */
	bool known;		     /* ... and it is */
	const struct server *stale;  /* its list was wrong; it is not used early again, nor remembered */
	struct caps caps;
};

void pipeconnect_release(struct pipeconnect *p);
/* Before a session: the server's list, borrowed until the next call, or NULL.  tls: of the connection. */
const struct caps *pipeconnect_caps(struct pipeconnect *p, const struct server *server, const struct tls_info *tls);
/* After it.  True: it was stale and has to be repeated; pipeconnect_caps() will then return NULL. */
bool pipeconnect_update(struct pipeconnect *p, const struct session *s);

#endif
