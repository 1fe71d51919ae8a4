/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base64: base64 of RFC 4648 section 4, strict, in constant-size steps.
 *
 * It is in base and not in codec because tls, auth, secret and smtp need it, too. Base64 in lines, for the body of a
 * message, is codec/base64_lines.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/strbuf.h"

/* Appends the encoding, padded, without line breaks. */
void base64_encode(struct strbuf *out, struct span in);
/* Appends the decoding. Anything but the alphabet, correct padding and spare bits of zero is an error: returns false
 * and leaves out as it was. */
bool base64_decode(struct strbuf *out, struct span in) MUST_CHECK;

#endif
