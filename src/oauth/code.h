/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_code: a login by authorization code (RFC 6749 section 4.1) with PKCE, for programs on the user's own machine
 * (RFC 8252): a browser asks the user, and brings the answer to an address on which we listen.
 */
#ifndef OAUTH_CODE_H
#define OAUTH_CODE_H

#include "oauth/answer.h"
#include "oauth/console.h"

/* Appends the address to which the browser goes.  Everything in it is public.  Pure. */
void oauth_code_address(const struct oauth_settings *s, const char *redirect, struct span state, const char *challenge,
			struct strbuf *out);

/*
 * Shows the address, starts a browser where there is a display, waits ten minutes for the answer, and exchanges its
 * code for a grant.  ERROR_CONFIG: there is no display and no terminal; ERROR_AUTH_REFUSED: the user or the server
 * refused; ERROR_TIMEOUT: nothing came back.
 */
bool oauth_code_login(const struct oauth_settings *s, const struct oauth_network *network,
		      const struct oauth_console *console, struct oauth_grant *grant, struct error *err) MUST_CHECK;

#endif
