/* SPDX-License-Identifier: GPL-3.0-or-later */
/* peer: who is at the other end of an accepted connection, as the kernel says it. */
#ifndef SERVE_PEER_H
#define SERVE_PEER_H

#include "net/resolve.h"

#include <sys/types.h>

struct peer {
	bool is_user;		/* it came through a Unix socket, and uid is known */
	uid_t uid;		/* of the process that connected (net/peer_user.h) */
	struct address address; /* of the others */
	bool loopback;
};

/*
 * False: nobody is served who cannot be known.  The user number 65534 stands for all users that a container does not
 * map, so it is refused, too.  The process number is not looked at: across containers it is 0.
 */
bool peer_of(int fd, struct peer *out, struct error *err) MUST_CHECK;
/* The same user, or the same address (IPv6: the same network of 64 bits). */
bool peer_same(const struct peer *a, const struct peer *b);
/* "user 1000", or "192.0.2.1 port 4711", for messages and the log; malloc'ed. */
char *peer_text(const struct peer *peer);

#endif
