/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_error: the JSON with which a server says why it does not like a token
 * (RFC 7628 section 3.2.2; Google's XOAUTH2 sends the same).  Pure.
 */
#ifndef AUTH_OAUTH_ERROR_H
#define AUTH_OAUTH_ERROR_H

#include "base/span.h"

/* One readable, cleaned line, malloc'ed: the status, the scope and the
 * schemes if this is one JSON object (RFC 8259) that has them, else the text itself. */
char *oauth_error_words(struct span challenge);

#endif
