/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * netrc: the text of a ~/.netrc.  Pure and linear.
 *
 *	machine NAME | default	begins an entry
 *	login NAME | user NAME	whose it is; without, it is anybody's
 *	password X | passwd X
 *	account X		skipped
 *	macdef NAME		skipped up to the next empty line
 *	# ...			to the end of the line, where a keyword could stand
 *
 * Words are separated by blanks and line ends.  A word that begins with ' or "
 * goes to the next such quote or the end of the line; between double quotes a
 * backslash stands for the character behind it.  Words that are no keyword
 * are skipped: the file belongs to other programs too.
 */
#ifndef SECRET_NETRC_H
#define SECRET_NETRC_H

#include "base/secret.h"

/*
 * The password for this user at this host (compared without case).  Of the
 * entries with a password that fit, one of that host beats `default`, then one that
 * names the user beats one that does not, then the first wins.  False: none fits.
 */
bool netrc_find(struct span text, const char *host, const char *user, struct secret *password) MUST_CHECK;

#endif
