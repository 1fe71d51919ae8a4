/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_entry: the text of a file with a token.  Pure.  A file that lacks its last line is torn.
 *
 *	posthaste token 1
 *	client_id ID
 *	server URL		the token address, or the issuer
 *	scope SCOPE
 *	user USER
 *	login MILLISECONDS	when the user logged in
 *	issued MILLISECONDS	when the token was asked for
 *	life MILLISECONDS
 *	place file|keyring	where the refresh token is meant to be
 *	secret TOKEN		missing where the keyring has it
 *	end
 */
#ifndef OAUTH_TOKEN_ENTRY_H
#define OAUTH_TOKEN_ENTRY_H

#include "base/secret.h"

#include <stdint.h>

#define OAUTH_STORE_LIMIT ((size_t)128 << 10)

struct oauth_entry {
	struct span client_id, server, scope, user;
	int64_t login_ms, issued_ms, life_ms;
	bool keyring;	    /* it is meant to be in the keyring */
	struct span secret; /* ptr NULL: it is there */
};

/* False: torn, or not such a file.  The spans are parts of text. */
bool oauth_entry_parse(struct span text, struct oauth_entry *out) MUST_CHECK;
/* Appends the text.  No value may have a line end. */
void oauth_entry_format(const struct oauth_entry *e, struct secret *out);

#endif
