/* SPDX-License-Identifier: GPL-3.0-or-later */
/* peer_user: whose process is at the other end of a Unix socket, as the kernel says it. */
#ifndef NET_PEER_USER_H
#define NET_PEER_USER_H

#include <stdbool.h>
#include <sys/types.h>

/* The user who connected, or for the one who connected, who listens.  False with errno: it is not known. */
bool peer_user(int socket, uid_t *user);

#endif
