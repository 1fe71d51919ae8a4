/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clean_text: text that came from elsewhere, made safe to show on a terminal and in a log.
 *
 * Control characters and invalid UTF-8 become '?'. Text that is cleaned a second time with the same limit stays as it
 * is, so a cleaned text can be stored, read back and cleaned again.
 */
#ifndef BASE_CLEAN_TEXT_H
#define BASE_CLEAN_TEXT_H

#include "base/span.h"

/* What ends a text that was longer than its limit. */
#define CLEAN_CUT "..."

/* One line: line ends and tabs become a space. At most max octets, then CLEAN_CUT. malloc'ed. */
char *clean_text(struct span raw, size_t max);
/* The same for each line of raw, with '\n' between them; about max octets in all, then CLEAN_CUT. malloc'ed. */
char *clean_lines(struct span raw, size_t max);

#endif
