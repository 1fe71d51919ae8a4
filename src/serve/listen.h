/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listen: the sockets at which clients are waited for.
 *
 *	AUTO(listen_sockets) sockets = LISTEN_SOCKETS_INIT;
 *	ok = listen_open(&sockets, account_list(account, OPT_LISTEN), &err);
 *
 * A Unix socket has the mode 0666: who connects is known from the kernel, and who may reach it is decided by the folder
 * it is in.  Beside it is PATH.lock, locked while this process listens; under the lock a socket that is left over is
 * replaced, by rename(2), so that no client finds no socket.
 */
#ifndef SERVE_LISTEN_H
#define SERVE_LISTEN_H

#include "base/strvec.h"
#include "config/listen_address.h"

#include <sys/stat.h>

struct listen_socket {
	int fd;
	bool is_unix;
	bool loopback; /* only this machine can reach it; so with Unix sockets */
	char *name;    /* "127.0.0.1 port 2525", or the path, for messages */
	char *path;    /* of a Unix socket that we made, else NULL */
	struct stat made;
	int lock; /* of path; -1: none */
};

struct listen_sockets {
	struct listen_socket *v;
	size_t n, cap;
};
#define LISTEN_SOCKETS_INIT ((struct listen_sockets){NULL, 0, 0})

/* Closes all; Unix sockets that we made are removed if they are still ours. */
void listen_sockets_release(struct listen_sockets *sockets);
/* Closes all, and does no more: in a process that shares them with one that goes on. */
void listen_sockets_forget(struct listen_sockets *sockets);

/* Opens all of these addresses (words of the setting listen), or none.  ERROR_CANNOT_CREATE names the one. */
bool listen_open(struct listen_sockets *out, const struct strvec *addresses, struct error *err) MUST_CHECK;
/* Takes n sockets that were passed, from this descriptor on.  ERROR_CONFIG: one is no listening stream socket. */
bool listen_take(struct listen_sockets *out, int first, int n, struct error *err) MUST_CHECK;

#endif
