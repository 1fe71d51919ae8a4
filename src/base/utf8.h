/* SPDX-License-Identifier: GPL-3.0-or-later */
/* utf8: UTF-8 as in RFC 3629: no overlong forms, no surrogates, up to U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/span.h"

#include <stdint.h>

/* Decodes the first character into *cp.  Returns its length (1..4), or 0 if it is invalid or sp is empty. */
size_t utf8_decode(struct span sp, uint32_t *cp);
bool utf8_valid(struct span sp);
/* U+FEFF, which editors write at the beginning of a file, and scripts before any line. */
#define UTF8_BOM "\xef\xbb\xbf"
/* The text without a byte-order mark before it. */
struct span utf8_without_bom(struct span text);
bool utf8_is_ascii(struct span sp);
/* The length of the first character if it may be printed on a terminal: valid, not a C0 or C1 control, not a line or
 * paragraph separator, not a direction override.  Otherwise 0. */
size_t utf8_printable(struct span sp);

#endif
