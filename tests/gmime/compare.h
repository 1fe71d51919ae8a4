/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compare: compares two messages, or a message with what it should be, as GMime reads them.
 *
 * Compared are the tree, the type and parameters of each part, its disposition and its other fields as they are
 * displayed, and its decoded content. Not compared are MIME-Version and the encoding of the content, which changes. As
 * in SMTP, every line of a message has an end, and CRLF, LF and CR are line ends, unless the part is declared binary in
 * `before` and is not text.
 */
#ifndef GMIME_COMPARE_H
#define GMIME_COMPARE_H

#include "base/strbuf.h"

void compare_init(void);
void compare_end(void);
/* Whether they are the same; if not, why says what differs. */
bool compare_messages(struct span before, struct span after, struct strbuf *why);

/* Each of these compares what GMime finds in a message or header, and appends a line to why if it differs. */

/* The field has one mailbox with that display name ("": none) and address. */
void compare_mailbox(struct span text, const char *field, const char *name, const char *addr, struct strbuf *why);
/* The field has these addresses, NULL-terminated, without names. */
void compare_addresses(struct span text, const char *field, const char *const *addrs, struct strbuf *why);
void compare_subject(struct span text, const char *subject, struct strbuf *why);
/* Part number n of a multipart has that type, and its decoded content, in lines that end with LF, contains words. */
void compare_part(struct span text, int n, const char *type, const char *words, struct strbuf *why);

#endif
