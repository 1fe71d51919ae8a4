/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_LISTENER_H
#define SINK_LISTENER_H

#include "sink_buf.h"

/* One --listen: a TCP or Unix stream socket, non-blocking. */
struct listener {
	int fd;
	char *path;    /* of a Unix socket, else NULL */
	char name[80]; /* "127.0.0.1 2525": the line for --port-file */
};

/* Open "127.0.0.1:0", "[::1]:0" or "unix:/path".  On failure prints why and returns false. */
bool listener_open(struct listener *l, const char *address);
/* Accept a connection: non-blocking, without Nagle's delay.  peer receives "ADDRESS PORT" or "unix".  -1: none. */
int listener_accept(const struct listener *l, char *peer, size_t peer_size);
/* Close, and remove the socket file. */
void listener_close(struct listener *l);
/* Write the port file, if path is not NULL; "-" is standard output. */
bool listener_write_ports(const struct listener *l, size_t count, const char *path);
/* Write a file so that it appears complete or not at all.  On failure prints why and returns false. */
bool listener_publish(const char *path, const struct buf *text);

#endif
