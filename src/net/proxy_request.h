/* SPDX-License-Identifier: GPL-3.0-or-later */
/* proxy_request: what a proxy is asked for, in whatever protocol (socks5.h, http_connect.h). */
#ifndef NET_PROXY_REQUEST_H
#define NET_PROXY_REQUEST_H

#include "base/clock.h"
#include "base/secret.h"

struct proxy_request {
	const char *host; /* name or IP literal; it is sent as it is, for the proxy to resolve */
	unsigned port;
	const char *user; /* NULL: authentication is not offered */
	const struct secret *password;
	const struct clock *clock;
	msec_t deadline;
};

#endif
