/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wizard: sets up an account in a dialogue: finds the server, asks what is missing, tries it without sending a
 * message, stores the password, and writes the account into the user's configuration file.
 *
 * The servers are tried in the order of discover.h, each with TLS and a verified certificate; one that could have been
 * named by a forged answer, and one without encryption, only after the user's complete "yes".  After a refused login
 * the other usual form of the login name is tried once, then the user is asked again; never more, as providers lock
 * accounts.  The password goes into the keyring, or if there is none into a file of mode 0600.
 */
#ifndef SETUP_WIZARD_H
#define SETUP_WIZARD_H

#include "oauth/console.h"
#include "setup/account_text.h"
#include "setup/discover.h"
#include "setup/talk.h"

struct wizard_request {
	const struct runtime *runtime;
	const struct setup_talk *talk;
	const struct oauth_console *console; /* for a login by OAuth2 */
	const char *address;		     /* checked */
	const struct account *given;	     /* settings of the command line, written into the account */
	const char *file;		     /* the configuration file; NULL: the user's */
	bool ask_database;
	void (*detail)(void *arg, const char *line); /* what the search brought; NULL: not wanted */
};

/* True: the account of this name (malloc'ed) is in the file.  False: nothing was written to it. */
bool wizard_run(const struct wizard_request *r, char **account, struct error *err) MUST_CHECK;

#endif
