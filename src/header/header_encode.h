/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_encode: encodes header fields in raw UTF-8 (RFC 6532) as ASCII, for a server without SMTPUTF8: encoded-words
 * (RFC 2047 section 5) in unstructured text, phrases and comments, extended parameters (RFC 2231 sections 3 and 4) in
 * Content-Type and Content-Disposition.
 *
 * Readers display the same text: white space between encoded-words is encoded with them, and encoded-words that were
 * there before stay as they are. Words of ASCII stay readable. No character is divided. No line is longer than
 * LINE_LIMIT_ENCODED if there is a space to fold at, and never longer than LINE_LIMIT.
 *
 * Pure functions: no state, no locale.
 */
#ifndef HEADER_HEADER_ENCODE_H
#define HEADER_HEADER_ENCODE_H

#include "base/error.h"
#include "base/strbuf.h"

/* A field that has to be encoded is refused if it is longer. */
#define HEADER_ENCODE_FIELD_MAX (4u * 1024 * 1024)

/*
 * Appends the field raw to out, encoded if it has octets above 127, or else as it is. raw is a complete field with its
 * folds and line end. The new field has line ends of the same kind; if the last one is missing, it stays missing.
 *
 * Returns false with ERROR_MESSAGE, which names the field and says what to do, and leaves out as it was, if the octets
 * are not UTF-8, or are in a place where the grammar of the field allows only ASCII (an addr-spec, a msg-id, a date,
 * the name of a field, a trace field outside its comments), or if a line would be longer than LINE_LIMIT, or the field
 * is longer than HEADER_ENCODE_FIELD_MAX.
 */
bool header_encode_field(struct span raw, struct strbuf *out, struct error *err) MUST_CHECK;

/*
 * Does the same for all fields of a header block. Fields of ASCII, lines that are not a field, and everything from the
 * empty line on are appended as they are. *changed: whether any field was encoded.
 */
bool header_encode_block(struct span header, bool *changed, struct strbuf *out, struct error *err) MUST_CHECK;

#endif
