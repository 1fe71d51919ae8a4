/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listener: accepts clients, and has each served by a process of its own.  So a client that is slow, or a session that
 * crashes, costs no other client anything, and what a session knows, a password above all, ends with it.
 *
 * At most sessions_max sessions run at once, and peer_max of one user or address (peer_same()); further clients get
 * "421 4.7.0" instead of a greeting, and are counted.
 *
 * SIGTERM or SIGINT ends it: no client is accepted any more, each session gets SIGTERM, which stays set in it until
 * listener_is_ending() is true there, and has LISTENER_GRACE_MS to end.
 */
#ifndef SERVE_LISTENER_H
#define SERVE_LISTENER_H

#include "base/runtime.h"
#include "serve/listen.h"
#include "serve/peer.h"

#define LISTENER_SESSIONS_MAX 200
#define LISTENER_PEER_MAX 100
#define LISTENER_GRACE_MS 60000

struct listener_request {
	struct listen_sockets *sockets;
	const struct runtime *runtime;
	const char *host_name; /* for the reply to clients that are refused */
	size_t sessions_max, peer_max;
	/* Serves one client, in a process of its own; the connection (non-blocking) is its to close.  The process exits
	 * with what it returns. */
	int (*serve)(void *arg, int fd, const struct peer *peer);
	/* Some clients were refused because of the limits, the last one this one; at most once a minute. */
	void (*refused)(void *arg, unsigned long clients, const struct peer *last);
	/* A session has called listener_wake(). */
	void (*wake)(void *arg);
	/* It waits for clients now (ready), or no longer does. */
	void (*state)(void *arg, bool ready);
	void *arg;
};

/* Works until a signal ends it; the signals stay blocked.  False: it cannot wait for clients. */
bool listener_run(const struct listener_request *how, struct error *err) MUST_CHECK;

/* In a session: it is to end as soon as no message is under way. */
bool listener_is_ending(void);
/* In a session: has wake() called by the process that accepts clients, which has rights that a session gives up. False:
 * it has gone. */
bool listener_wake(void);
/* In a session: the descriptor whose reading side is closed when SIGTERM comes, so that a wait for the client ends; -1:
 * none, while a message is under way. */
void listener_interrupts(int fd);

#endif
