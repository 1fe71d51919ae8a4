/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keyring: the desktop's keyring (Secret Service), asked through the helper
 * program src/helper/posthaste_keyring.c, so that this program never maps
 * GLib.  Request and answer travel over the helper's standard input and output.
 *
 * The request, every field but the last ended by NUL:
 *	VERB NUL HOST NUL USER NUL [SECRET, to the end]
 * with the verbs "find", "store", "remove".  The answer: one of the words of
 * enum keyring_answer in lower case and a line feed, then what belongs to it:
 * the secret after "found", the library's message after "failed".
 *
 * Passwords are stored under msmtp's schema (host, service "smtp", user) and are also
 * found under the older network schema (server, protocol "smtp", user).
 */
#ifndef SECRET_KEYRING_H
#define SECRET_KEYRING_H

#include "base/runtime.h"
#include "base/secret.h"

enum keyring_answer {
	KEYRING_FOUND,
	KEYRING_STORED,
	KEYRING_REMOVED,
	KEYRING_NONE,	/* nothing is stored for this user at this host */
	KEYRING_LOCKED, /* something is, and the keyring is locked */
	KEYRING_ABSENT, /* no keyring runs in this session, or there is no helper, or the process is privileged */
	KEYRING_NO_BUS, /* there is no session */
	KEYRING_FAILED	/* it did not answer, or not in time */
};

struct keyring_request {
	const struct runtime *runtime; /* without a helper for the keyring: ABSENT */
	const char *host, *user;
	msec_t deadline;
};

/*
 * Each asks once, never makes the keyring prompt for being unlocked, and ends
 * at the deadline.  The last five of the answers set err, of the kind ERROR_SECRET_UNAVAILABLE
 * (NONE and a missing helper: ERROR_CONFIG, because waiting does not help).
 */
enum keyring_answer keyring_find(const struct keyring_request *req, struct secret *out, struct error *err) MUST_CHECK;
/* Here a locked keyring may prompt the user to unlock it. */
enum keyring_answer keyring_store(const struct keyring_request *req, const struct secret *password,
				  struct error *err) MUST_CHECK;
/* Removes what keyring_store() stored. */
enum keyring_answer keyring_remove(const struct keyring_request *req, struct error *err) MUST_CHECK;

#endif
