/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_loopback: listens on this machine's own addresses for the browser that brings the answer of the authorization
 * server (RFC 8252 section 7.3).
 *
 *	AUTO(oauth_loopback) l = OAUTH_LOOPBACK_INIT;
 *	if (!oauth_loopback_open(&l, "127.0.0.1", 0, err))
 *		return false;
 *	start_browser(l.address);
 *	return oauth_loopback_wait(&l, &expected, &wait, &answer, err);
 */
#ifndef OAUTH_LOOPBACK_H
#define OAUTH_LOOPBACK_H

#include "base/error.h"
#include "oauth/console.h"
#include "oauth/redirect.h"

#define OAUTH_LOOPBACK_CONNECTIONS 32

struct oauth_loopback_connection;
struct oauth_loopback {
	int listeners[2]; /* IPv4 and IPv6; -1: not used */
	struct oauth_loopback_connection *connections[OAUTH_LOOPBACK_CONNECTIONS];
	size_t n;
	unsigned port;
	char address[40]; /* "http://127.0.0.1:PORT/", to which the browser is to be sent */
};

#define OAUTH_LOOPBACK_INIT ((struct oauth_loopback){.listeners = {-1, -1}})

void oauth_loopback_release(struct oauth_loopback *l);

/*
 * host is "127.0.0.1", or "localhost", which listens on ::1 too.  Where there is no IPv4, it is ::1 alone.  port 0: a
 * free one; another port that is in use is ERROR_CONNECT, and the text names it.
 */
bool oauth_loopback_open(struct oauth_loopback *l, const char *host, unsigned port, struct error *err) MUST_CHECK;

struct oauth_wait {
	const struct oauth_console *console; /* its terminal is read, too: the user may paste the address */
	msec_t deadline;
	const char *done; /* text of the page that answers the request we wait for */
};

/* Waits for an answer: out is of any kind but OAUTH_REDIRECT_OTHER then.  ERROR_TIMEOUT: nothing came.  Up to 32
 * connections are served side by side, the oldest gives way to another, and each may take 10
 * seconds. */
bool oauth_loopback_wait(struct oauth_loopback *l, const struct oauth_expected *expected, const struct oauth_wait *wait,
			 struct oauth_redirect *out, struct error *err) MUST_CHECK;
/* Serves for another half second: a browser that repeats its request gets the same page. */
void oauth_loopback_linger(struct oauth_loopback *l, const struct oauth_expected *expected,
			   const struct oauth_wait *wait);

#endif
