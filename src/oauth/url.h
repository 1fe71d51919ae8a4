/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth_url: addresses of OAuth2 servers.  Pure. */
#ifndef OAUTH_URL_H
#define OAUTH_URL_H

#include "base/span.h"

/* The host (without the port) of an https URL; empty if it is none.  Part of url. */
struct span oauth_url_host(struct span url);
/* Is text an https URL with a host, and without fragment, spaces, user name or control characters? */
bool oauth_url_valid(struct span text);

/* Where a provider's address has this mark, the name of an organisation is put. */
#define OAUTH_TENANT_MARK "{tenant}"
/* Is text such a name?  Letters, digits, "-" and "." mean nothing special in any place of an address. */
bool oauth_tenant_valid(struct span text);
/* Is text an address that is valid whatever name is put in place of its mark?  It has the mark once or not at all. */
bool oauth_tenant_url_valid(struct span text);

#endif
