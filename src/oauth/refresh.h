/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_refresh: gets an access token that can be used now.
 *
 * Any number of processes may ask at once: one of them asks the server, the others wait for its lock and take the token
 * it stored.  A new refresh token is on the disk before the access token is used.  No failure removes a login.
 */
#ifndef OAUTH_REFRESH_H
#define OAUTH_REFRESH_H

#include "oauth/answer.h"
#include "oauth/token_store.h"

struct oauth_refresh {
	const struct oauth_store *store;
	const struct oauth_network *network;
	void (*note)(void *arg, const char *text); /* what happens, for --debug; may be NULL */
	void *note_arg;
};

/* The kept token if it is not due and not the one that was refused (NULL: none was), else a new one.
 * ERROR_AUTH_REFUSED: the user has to log in (again); the hint has the command.  Metadata may be fetched into settings,
 * which are those of the store. */
bool oauth_refresh_get(const struct oauth_refresh *r, struct oauth_settings *settings, const struct secret *refused,
		       struct secret *out, struct error *err) MUST_CHECK;
/* Keeps what a login brought: refresh token, then access token. */
bool oauth_refresh_keep_login(const struct oauth_refresh *r, const struct oauth_grant *grant, char **where,
			      struct error *err) MUST_CHECK;

#endif
