/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stream_command: the bottom of a stack that leads to a server through a child program (base/proc_peer.h). */
#ifndef NET_STREAM_COMMAND_H
#define NET_STREAM_COMMAND_H

#include "base/runtime.h"
#include "net/stream.h"

/*
 * NULL with ERROR_CONNECT if the command cannot be started.  If it fails later, reading and writing say so:
 * ERROR_CONNECT as long as nothing came, then ERROR_CONNECTION_LOST.  It ends with the stream, so the connection cannot
 * be given to another process (stream_detach()).
 */
struct stream *stream_command_new(const char *const *argv, const struct runtime *runtime, struct error *err);

#endif
