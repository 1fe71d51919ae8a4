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

#endif
