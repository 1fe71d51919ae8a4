/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_encode: header fields in raw UTF-8 (RFC 6532) as ASCII, for a server
 * without SMTPUTF8: encoded-words (RFC 2047 section 5) in unstructured text,
 * phrases and comments, extended parameters (RFC 2231 sections 3 and 4) in
 * Content-Type and Content-Disposition.
 *
 * What is displayed stays the same: blanks between encoded-words are encoded with
 * them, encoded-words that were there stay as they are, and words of ASCII stay
 * readable.  No character is split, no encoded-word is longer than 75 octets, and
 * no line than 76 where there is a blank to fold at, nor ever than 998.
 *
 * Pure functions: no state, no locale.
 */
#ifndef HEADER_HEADER_ENCODE_H
#define HEADER_HEADER_ENCODE_H

#include "base/error.h"
#include "base/strbuf.h"

/* A field that must be encoded is refused if it has more octets. */
#define HEADER_ENCODE_FIELD_MAX (4u * 1024 * 1024)

/*
 * Re-encodes a field whose value holds octets above 127.  raw is the whole field
 * with folds and line end (a missing line end stays missing); the new field is
 * appended to out with the same style of line ends.  A field of ASCII is appended
 * as it is.
 *
 * False with ERROR_MESSAGE, naming the field and the cure, and out as it was, if
 * the octets are not UTF-8, or stand where the field's grammar has no place for
 * anything but ASCII (an addr-spec, a msg-id, a date, the name of a field, any
 * trace field outside its comments), or if a line would be longer than 998
 * or the field is longer than the limit above.
 */
bool header_encode_field(struct span raw, struct strbuf *out, struct error *err) MUST_CHECK;

/*
 * The same for all fields of a header block.  Fields of ASCII, lines that are no
 * field, and everything from the empty line on are appended octet for octet;
 * *changed tells whether any field was not.
 */
bool header_encode_block(struct span header, bool *changed, struct strbuf *out, struct error *err) MUST_CHECK;

#endif
