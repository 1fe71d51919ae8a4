/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * netrc: reads the text of a ~/.netrc.  Pure and linear.
 *
 *	machine NAME | default		begins an entry
 *	login NAME | user NAME		the entry's user; without it the entry is for any user
 *	password X | passwd X
 *	account X			skipped
 *	macdef NAME			skipped up to the next empty line
 *	# ...				a comment, to the end of the line, where a keyword is expected
 *
 * Words are separated by spaces, tabs and line ends.  A word that begins with ' or " extends to the next such quote
 * or the end of the line; between double quotes a backslash stands for the character after it.  Unknown words are
 * skipped: other programs use the file too.
 */
#ifndef SECRET_NETRC_H
#define SECRET_NETRC_H

#include "base/secret.h"

/*
 * Finds the password for this user at this host (compared without regard to case).  Among the matching entries with a
 * password, an entry for the host takes precedence over `default`, then one that names the user over one that does
 * not, then the first one.  False if none matches.
 */
bool netrc_find(struct span text, const char *host, const char *user, struct secret *password) MUST_CHECK;

#endif
