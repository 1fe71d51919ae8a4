/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dial: from addresses to one connected socket, fast (RFC 8305).
 *
 * Attempts start 250 ms apart, or at once when the one before failed; the first
 * to connect wins, the others are closed.  TCP_NODELAY is set, the socket is
 * non-blocking and close-on-exec.  Starting and finishing are two calls, so that a caller can
 * do other work (secrets, trust store) while the SYN is under way.
 * Errors: ERROR_CONNECT naming every address tried and why it failed,
 * ERROR_TIMEOUT likewise, ERROR_SYSTEM (no socket, source address not ours),
 * ERROR_CONFIG (source_ip is no address).
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "net/resolve.h"
#include "net/stream.h"

struct dialer;
struct dial_request {
	const struct address_list *addresses; /* borrowed until dialer_free */
	const char *source_ip;		      /* literal or NULL; addresses of the other family are skipped */
	const struct clock *clock;
	const char *host; /* borrowed, for the error's text; may be NULL */
};

/* Begins the first attempt and returns at once, also when it failed. */
struct dialer *dialer_new(const struct dial_request *req);
/* Waits for the winner; *peer (unless NULL) gets its address.  NULL on failure.  Once only. */
struct stream *dialer_finish(struct dialer *d, msec_t deadline, struct address *peer, struct error *err);
void dialer_free(struct dialer *d);
DEFINE_AUTO_PTR(dialer);

/* A Unix stream socket.  ERROR_CONNECT, or ERROR_CONFIG for a path no socket can have. */
struct stream *dial_unix(const char *path, struct error *err);

#endif
