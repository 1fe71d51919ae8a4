/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth_url: addresses of OAuth2 servers.  Pure. */
#ifndef OAUTH_URL_H
#define OAUTH_URL_H

#include "base/span.h"

/* The host (without the port) of an https URL; empty if it is none.  Part of url. */
struct span oauth_url_host(struct span url);
/* Is text an https URL with a host, and without fragment, spaces, user name or control characters? */
bool oauth_url_valid(struct span text);

#endif
