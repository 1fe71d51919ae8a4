/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keyring: access to the desktop's keyring (Secret Service) through the helper program
 * src/helper/posthaste_keyring.c, so that posthaste itself never loads GLib.
 *
 * The request goes to the helper's standard input, every field but the last ended by NUL:
 *	VERB NUL HOST NUL USER NUL [SECRET, to the end]
 * The verbs are "find", "store" and "remove".  The answer comes from its standard output: one of the words of enum
 * keyring_answer in lower case and a line feed, followed by the secret after "found", or by the library's error
 * message after "failed".
 *
 * Passwords are stored under msmtp's schema (host, service "smtp", user) and are also found under the older network
 * schema (server, protocol "smtp", user).
 */
#ifndef SECRET_KEYRING_H
#define SECRET_KEYRING_H

#include "base/runtime.h"
#include "base/secret.h"
#include "base/strvec.h"

enum keyring_answer {
	KEYRING_FOUND,
	KEYRING_STORED,
	KEYRING_REMOVED,
	KEYRING_NONE,	/* nothing is stored for this user at this host */
	KEYRING_LOCKED, /* a password is stored, but the keyring is locked */
	KEYRING_ABSENT, /* no keyring is running in this session, the helper is missing, or we must not use it */
	KEYRING_NO_BUS, /* there is no session bus */
	KEYRING_FAILED	/* no answer, no answer in time, or an error */
};

struct keyring_request {
	const struct runtime *runtime; /* without a helper for the keyring: KEYRING_ABSENT */
	const char *host, *user;
	msec_t deadline;
	struct strvec *helper_words; /* gets what the helper wrote to standard error; NULL: it is shared */
};

/*
 * Each function asks once and gives up at the deadline.  keyring_find() and keyring_remove() never make the keyring
 * prompt the user to unlock it.  The last five answers set err: KEYRING_NONE and a missing helper to ERROR_CONFIG,
 * because a retry would not help, the others to ERROR_SECRET_UNAVAILABLE.
 */
enum keyring_answer keyring_find(const struct keyring_request *req, struct secret *out, struct error *err) MUST_CHECK;
/* Stores the password.  A locked keyring may prompt the user, who is at the terminal. */
enum keyring_answer keyring_store(const struct keyring_request *req, const struct secret *password,
				  struct error *err) MUST_CHECK;
/* Removes what keyring_store() stored. */
enum keyring_answer keyring_remove(const struct keyring_request *req, struct error *err) MUST_CHECK;

/* For --version: "libsecret 0.20.5", what the helper was built with, malloc'ed; NULL: it was not built. */
char *keyring_library_version(void);

#endif
