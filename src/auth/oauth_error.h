/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_error: reads the JSON in which a server says why it refused a token (RFC 7628 section 3.2.2; Google's XOAUTH2
 * sends the same).  Pure.
 */
#ifndef AUTH_OAUTH_ERROR_H
#define AUTH_OAUTH_ERROR_H

#include "base/span.h"

/* Returns one readable, cleaned line, malloc'ed: the status, scope and schemes if challenge is a JSON object (RFC
 * 8259) that has any of them, otherwise the text itself. */
char *oauth_error_words(struct span challenge);

#endif
