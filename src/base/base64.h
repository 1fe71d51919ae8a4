/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base64: base64 (RFC 4648 section 4), strict.
 *
 * It is in base and not in codec because tls, auth, secret and smtp need it too.  Base64 in lines, for the body of a
 * message, is codec/base64_lines.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/strbuf.h"

/* Appends the encoding of in, padded, without line breaks. */
void base64_encode(struct strbuf *out, struct span in);
/* Appends the decoding of in.  Every character outside the alphabet, wrong padding and non-zero spare bits are
 * errors: false, and out is unchanged. */
bool base64_decode(struct strbuf *out, struct span in) MUST_CHECK;

#endif
