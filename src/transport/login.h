/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * login: what --login and --logout do: the account's password is put into the keyring or removed from it, or, for an
 * account with OAuth2, its tokens are fetched and kept, or revoked and removed.
 */
#ifndef TRANSPORT_LOGIN_H
#define TRANSPORT_LOGIN_H

#include "config/account.h"
#include "oauth/console.h"

struct login_change {
	bool changed;		/* what is kept */
	struct strbuf text;	/* sentences for the user, with line ends */
	struct strvec warnings; /* those sentences again if they say what was not done */
};

#define LOGIN_CHANGE_INIT ((struct login_change){false, STRBUF_INIT, STRVEC_INIT})

void login_change_release(struct login_change *change);

/* The account needs a user.  The password is asked for on the terminal; if standard input is not a terminal, its first
 * line is taken. */
bool login_store(const struct account *a, const struct oauth_console *console, struct login_change *change,
		 struct error *err) MUST_CHECK;
bool login_remove(const struct account *a, const struct runtime *runtime, struct login_change *change,
		  struct error *err) MUST_CHECK;

#endif
