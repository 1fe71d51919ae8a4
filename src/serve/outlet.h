/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outlet: an account that messages of a batch or a session go out by, and the transport that stays connected from one
 * of them to the next.
 *
 *	struct outlets outlets;
 *	outlets_init(&outlets, runtime, NULL, NULL);
 *	how.transport = outlets_find(&outlets, p->account)->transport; // for each message
 *	outlets_release(&outlets);
 */
#ifndef SERVE_OUTLET_H
#define SERVE_OUTLET_H

#include "transport/transport.h"

struct outlet {
	struct account *account; /* a copy of that of the first message */
	struct transport *transport;
	bool answered; /* the server has: the queue was looked at */
	bool queued;   /* the runner is to be started */
	bool away;     /* the server cannot be reached: what follows is queued untried */
};

struct outlets {
	const struct runtime *runtime;
	void (*listen)(void *arg, struct delivery_request *req); /* as in send_request */
	void *arg;
	struct outlet *v;
	size_t n, cap;
};

void outlets_init(struct outlets *o, const struct runtime *runtime,
		  void (*listen)(void *arg, struct delivery_request *req), void *arg);
/* That of an account, made if it is the first message; valid until the next call.  The configuration must be the same
 * for all of them. */
struct outlet *outlets_find(struct outlets *o, const struct account *a);
/* Sends QUIT to all servers. */
void outlets_hang_up(struct outlets *o);
void outlets_release(struct outlets *o);

#endif
