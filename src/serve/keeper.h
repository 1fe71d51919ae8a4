/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keeper: the process that keeps the sessions of one account open between two invocations (persist).  It is started by
 * the process that has a session to leave (transport/keeper_link.h, which says what the two say to each other), as
 * "posthaste --keeper=SOCKET" with the listening socket as standard input.
 *
 * It gives up all rights that this does not take (base/sandbox.h).  It has no password and no configuration: of a
 * session it has the connection and the keys of TLS, and it says nothing to the server but NOOP and QUIT.  It ends when
 * it has no session: after the time of idleness, as soon as the server says anything or closes, when it is told to, or
 * when a process asks that has other settings.
 */
#ifndef SERVE_KEEPER_H
#define SERVE_KEEPER_H

#include "base/runtime.h"

/* Serves until it has no session any more.  socket_path: of the listening socket, which is removed first. */
void keeper_run(const char *socket_path, int listener, const struct runtime *runtime);

#endif
