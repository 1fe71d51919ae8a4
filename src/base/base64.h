/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Base64 of RFC 4648 section 4, strict, in constant-size steps. */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/strbuf.h"

/* Appends the encoding, padded, without line breaks. */
void base64_encode(struct strbuf *out, struct span in);
/* Appends the decoding.  Anything but the alphabet, right padding and zero
 * spare bits is an error: false, and out is as it was. */
bool base64_decode(struct strbuf *out, struct span in) MUST_CHECK;

#endif
