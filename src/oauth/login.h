/* SPDX-License-Identifier: GPL-3.0-or-later */
/* oauth_login_run: --login and --logout of an account that uses OAuth2. */
#ifndef OAUTH_LOGIN_RUN_H
#define OAUTH_LOGIN_RUN_H

#include "oauth/console.h"
#include "oauth/refresh.h"

/*
 * Logs in by the flow of the settings, which are those of r's store, and keeps the tokens.  Metadata may be fetched
 * into the settings.  A login that is there already is replaced if this one succeeds, and stays if it does not.  The
 * flow "client" needs no login: a token is fetched then, to see that it works, and *where is NULL. Nothing is kept that
 * would not last: a grant without a refresh token or without the scope is ERROR_AUTH_REFUSED.
 */
bool oauth_login_run(const struct oauth_refresh *r, struct oauth_settings *settings,
		     const struct oauth_console *console, char **where, struct error *err) MUST_CHECK;

enum oauth_logout {
	OAUTH_LOGOUT_NONE,	    /* the account was not logged in */
	OAUTH_LOGOUT_REVOKED,	    /* the server has revoked the tokens, and they are removed */
	OAUTH_LOGOUT_LOGIN_REVOKED, /* the same, but the access token was not revoked: words says why */
	OAUTH_LOGOUT_LOCAL	    /* they are removed, but the server did not revoke them: words says why */
};

/* Revokes the tokens where the server can do that (RFC 7009): its address is in the provider's entry or the metadata.
 * Removes them whatever it answers.  False: something cannot be removed. */
bool oauth_logout_run(const struct oauth_refresh *r, struct oauth_settings *settings, enum oauth_logout *out,
		      struct strbuf *words, struct error *err) MUST_CHECK;

#endif
