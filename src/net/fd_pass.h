/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fd_pass: messages between two of our processes, each with at most one open descriptor, over a Unix socket of type
 * SOCK_SEQPACKET.
 */
#ifndef NET_FD_PASS_H
#define NET_FD_PASS_H

#include "base/clock.h"
#include "base/strbuf.h"

/* No message is longer. */
#define FD_PASS_MAX ((size_t)128 << 10)

/* Sends without waiting; fd < 0: none.  False: not sent, and fd is still only ours. */
bool fd_pass_send(int socket, struct span message, int fd) MUST_CHECK;
/* Replaces message by the next one.  *fd: its descriptor, close-on-exec and the caller's, or -1.  False: the other side
 * has closed, or nothing came by then. */
bool fd_pass_receive(int socket, struct strbuf *message, int *fd, const struct clock *clock,
		     msec_t deadline) MUST_CHECK;
/* The process at the other end belongs to this user; if that cannot be proved, it does not. */
bool fd_pass_is_ours(int socket) MUST_CHECK;

#endif
