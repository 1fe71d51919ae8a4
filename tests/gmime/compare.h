/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * compare: two messages as GMime reads them.
 *
 * The same: the tree, each part's type and parameters, its disposition and the
 * rest of its fields as they are displayed, its decoded content.  Not compared: how
 * content is encoded, which is what changes, and MIME-Version.  As SMTP has it,
 * every line of a message has an end, and CRLF, LF and CR are line ends; unless the
 * part is declared binary in before.
 */
#ifndef GMIME_COMPARE_H
#define GMIME_COMPARE_H

#include "base/strbuf.h"

void compare_init(void);
void compare_end(void);
/* False, with why in words, where they differ. */
bool compare_messages(struct span before, struct span after, struct strbuf *why);

/* What GMime shows in one message or header; each appends a line to why if that is something else. */

/* The field has one mailbox with that display name ("": none) and address. */
void compare_mailbox(struct span text, const char *field, const char *name, const char *addr, struct strbuf *why);
/* The field has these addresses, NULL-terminated, without names. */
void compare_addresses(struct span text, const char *field, const char *const *addrs, struct strbuf *why);
void compare_subject(struct span text, const char *subject, struct strbuf *why);
/* Part number n of a multipart has that type, and words are in its decoded content, in lines that end with LF. */
void compare_part(struct span text, int n, const char *type, const char *words, struct strbuf *why);

#endif
