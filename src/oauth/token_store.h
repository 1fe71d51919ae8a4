/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_store: where the tokens of an account are kept.
 *
 *	$XDG_STATE_HOME/posthaste/tokens/ACCOUNT	the login: the refresh token, or that it is in the keyring
 *	$XDG_CACHE_HOME/posthaste/tokens/ACCOUNT	the access token
 *
 * Both are files of mode 0600 (oauth/token_entry.h); characters that do not belong into the name of a file are written
 * as %XX.  An entry is bound to client id, server, scope and user: if the configuration changes, there is no token any
 * more.  A program with more rights than its caller has no tokens: the caller chose the folders.  If the keyring stops
 * working, the file takes the refresh token until the keyring works again.
 */
#ifndef OAUTH_TOKEN_STORE_H
#define OAUTH_TOKEN_STORE_H

#include "oauth/settings.h"
#include "oauth/token.h"
#include "oauth/token_entry.h"

struct oauth_store {
	const struct runtime *runtime;
	const struct oauth_settings *settings;
	bool keyring; /* it may be used */
	msec_t deadline;
	struct strvec *helper_words; /* as in struct keyring_request */
};

/* A login as it is kept. */
struct oauth_login {
	struct secret refresh;
	int64_t login_ms;
	bool keyring; /* it is to be kept in the keyring if that works */
	bool strayed; /* loaded: it was not there, and should be kept again */
};

#define OAUTH_LOGIN_INIT ((struct oauth_login){.refresh = SECRET_INIT})

void oauth_login_release(struct oauth_login *login);

enum oauth_stored {
	OAUTH_STORED_FOUND,
	OAUTH_STORED_NONE,    /* nobody logged in */
	OAUTH_STORED_FOREIGN, /* it belongs to other settings */
	OAUTH_STORED_ERROR    /* it cannot be read: err is set */
};

/* Reads the refresh token. */
enum oauth_stored oauth_store_load_login(const struct oauth_store *store, struct oauth_login *login,
					 struct error *err) MUST_CHECK;
/* Keeps it, in the keyring if it is meant to be there and that works, else in the file; it is on the disk when this
 * returns.  *where is then
 * "keyring" or the path of the file, malloc'ed; where may be NULL. */
bool oauth_store_save_login(const struct oauth_store *store, const struct oauth_login *login, char **where,
			    struct error *err) MUST_CHECK;
/* Removes the login and the access token.  *removed: there was one.  False if something that is there cannot be
 * removed. */
bool oauth_store_remove(const struct oauth_store *store, bool *removed, struct error *err) MUST_CHECK;

/* Reads the access token.  False if there is none that fits the settings: any trouble is the same as none. */
bool oauth_store_load_token(const struct oauth_store *store, struct oauth_token *token);
/* Keeps it, unless it is to be used once. */
bool oauth_store_save_token(const struct oauth_store *store, const struct oauth_token *token,
			    struct error *err) MUST_CHECK;

/* Waits for the account's lock until the deadline of the store; the descriptor holds it until it is closed.  -1 with
 * err.  Removes what processes left that were killed while they replaced a file. */
int oauth_store_lock(const struct oauth_store *store, struct error *err);
/* The path of a file that changes when somebody logs in, and not when a token is refreshed, so that what waits for a
 * login can watch it; malloc'ed, NULL: this user has no home. */
char *oauth_store_mark_path(const struct oauth_store *store);
/* Changes that file.  A failure is ignored: it is found out later then that there is a login. */
void oauth_store_mark_login(const struct oauth_store *store);
/* A number that changes when the user logs in or out; 0: there is no login. */
uint64_t oauth_store_checksum(const struct oauth_store *store);

#endif
