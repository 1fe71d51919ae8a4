/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dial: connects to one of several addresses, as fast as possible (RFC 8305).
 *
 * Attempts start 250 ms apart, or at once when the previous one failed.  The first to connect wins; the others are
 * closed.  The socket is non-blocking and close-on-exec, with TCP_NODELAY set.  Starting and finishing are separate
 * calls, so that the caller can do other work (fetching secrets, loading the trust store) while the SYN is on its
 * way.
 *
 * Errors: ERROR_CONNECT and ERROR_TIMEOUT name every address tried and why it failed; ERROR_SYSTEM (no socket can be
 * made, or source_ip is not an address of this machine); ERROR_CONFIG (source_ip is not an IP address).
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "net/resolve.h"
#include "net/stream.h"

struct dialer;
struct dial_request {
	const struct address_list *addresses; /* borrowed until dialer_free */
	const char *source_ip;		      /* IP literal or NULL; addresses of the other family are skipped */
	const struct clock *clock;
	const char *host; /* borrowed until dialer_free(), for the error's text; may be NULL */
};

/* Starts the first attempt and returns at once, even if the attempt failed.  Never returns NULL. */
struct dialer *dialer_new(const struct dial_request *req);
/* Waits until an attempt succeeds.  Returns its stream, owned by the caller, and stores the address in *peer unless
 * peer is NULL.  Returns NULL on failure.  Call it only once. */
struct stream *dialer_finish(struct dialer *d, msec_t deadline, struct address *peer, struct error *err);
/* This one of the addresses was tried, and no connection could be made. */
bool dialer_failed(const struct dialer *d, size_t address);
void dialer_free(struct dialer *d);
DEFINE_AUTO_PTR(dialer);

/* Connects to a Unix stream socket.  NULL with ERROR_CONNECT, ERROR_SYSTEM, or ERROR_CONFIG for a path that is empty
 * or too long. */
struct stream *dial_unix(const char *path, struct error *err);

#endif
