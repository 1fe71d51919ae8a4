/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wrap: text of any language in lines of limited width.
 *
 * The width is what a terminal needs: two columns for characters of Chinese, Japanese and Korean (East Asian Width W
 * and F, Unicode Annex 11), none for combining marks.  Lines are broken at blanks, and beside wide characters, which
 * have none between them; not before a closing and not after an opening punctuation mark.
 */
#ifndef BASE_WRAP_H
#define BASE_WRAP_H

#include "base/strbuf.h"

/* In columns. */
size_t wrap_width(struct span text);
/* Adds the text, which begins in column at, with further lines indented, and a line end.  No line is wider than columns
 * unless a word is.  Blanks and line ends in the text become one blank. */
void wrap_add(struct strbuf *out, const char *text, size_t at, size_t indent, size_t columns);

#endif
