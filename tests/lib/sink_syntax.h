/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_SYNTAX_H
#define SINK_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The grammar of RFC 5321 4.1.2 and 4.1.3, checked to the letter, with UTF-8
 * where RFC 6531 allows it.  Functions return NULL when the text is fine, else
 * what is wrong with it.
 */

/*
 * The argument of MAIL or RCPT: "<" path ">" [SP params].  On success *path
 * and *path_len are what stands between the brackets and *params the rest
 * ("" if none).  An empty path is left to the caller.
 */
const char *syntax_path(const char *arg, bool utf8, const char **path, size_t *path_len, const char **params);
/* A domain name or an address literal, as in EHLO. */
const char *syntax_domain(const char *s, size_t len, bool utf8);
/* xtext of RFC 3461 section 4. */
const char *syntax_xtext(const char *s);
bool syntax_utf8(const char *s, size_t len);

#endif
