/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, up to U+10FFFF. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/span.h"

#include <stdint.h>

/* Decodes the first character: its length (1..4) and *cp; 0 if it is none. */
size_t utf8_decode(struct span sp, uint32_t *cp);
bool utf8_valid(struct span sp);
bool utf8_is_ascii(struct span sp);
/* Length of the first character if a terminal may be shown it: valid, not a
 * C0/C1 control, not a line or paragraph separator, not a direction override;
 * 0 otherwise. */
size_t utf8_printable(struct span sp);

#endif
