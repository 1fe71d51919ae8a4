/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * early: early pipelining as seen by a delivery - may this session begin under
 * remembered capabilities, and what is to be remembered of it.
 */
#ifndef TRANSPORT_PIPECONNECT_H
#define TRANSPORT_PIPECONNECT_H

#include "base/clock.h"
#include "config/account.h"
#include "transport/server.h"
#include "secret/redactor.h"
#include "smtp/client/session.h"
#include "tls/info.h"

struct pipeconnect {
	const char *state_home; /* NULL: nothing is remembered */
	const struct account *account;
	bool auth; /* it will authenticate */
	const struct clock *clock;
	const struct redactor *mask;		   /* what a server repeats of a secret is not kept */
	void (*note)(void *arg, const char *text); /* or NULL */
	void *note_arg;

	/* inside */
	const struct server *server; /* of the session under way */
	bool usable;		     /* this session may begin early, once its list is known */
	bool known;		     /* it did */
	const struct server *stale;  /* was not as remembered; nothing more is learned of it now */
	struct caps caps;
};

void pipeconnect_release(struct pipeconnect *e);
/* Before a session with the server on a line of this kind: its list, until the next call, or NULL. */
const struct caps *pipeconnect_caps(struct pipeconnect *e, const struct server *server, const struct tls_info *line);
/* After it.  True: it was stale and has to be done again; pipeconnect_caps() will say NULL. */
bool pipeconnect_update(struct pipeconnect *e, const struct session *s);

#endif
