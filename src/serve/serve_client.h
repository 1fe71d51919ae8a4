/* SPDX-License-Identifier: GPL-3.0-or-later */
/* serve_client: the session of one client of the mail service, in a process of its own (listener.h). */
#ifndef SERVE_SERVE_CLIENT_H
#define SERVE_SERVE_CLIENT_H

#include "serve/peer.h"
#include "submit/request.h"

/* Reads the configuration, so that changes apply to the next client, and serves this one.  request: of the command
 * line; fd: its connection, which is closed.  Returns the exit status of the process. */
int serve_client(const struct request *request, const struct runtime *runtime, int fd, const struct peer *peer);

#endif
