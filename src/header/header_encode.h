/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_encode: encodes header fields with octets above 127 as ASCII, for a transaction without SMTPUTF8:
 * encoded-words (RFC 2047 section 5) in unstructured text, phrases and comments, extended parameters (RFC 2231 sections
 * 3 and 4) in Content-Type and Content-Disposition, A-labels in addresses, percent-encoding in the URLs of List-
 * fields. Octets that are not UTF-8 are encoded as the charset unknown-8bit.
 *
 * Readers display the same text: white space between encoded-words is encoded with them, and encoded-words that were
 * there before stay as they are. Words of ASCII stay readable. No character is divided. No line is longer than
 * LINE_LIMIT_ENCODED if there is a space to fold at, and the output is a small multiple of the input.
 *
 * Only an address stops a message: no server without SMTPUTF8 could reply to a local part that is not ASCII. Octets
 * above 127 in any other place where nothing can be encoded (a msg-id, a date, a trace field outside its comments, a
 * field that cannot be parsed) stay as they are if the server accepts 8-bit text, and become "?" if it does not.
 *
 * Pure functions: no state, no locale.
 */
#ifndef HEADER_HEADER_ENCODE_H
#define HEADER_HEADER_ENCODE_H

#include "base/strbuf.h"
#include "header/header_encoding.h"

/* A longer field is not parsed: see above. */
#define HEADER_ENCODE_FIELD_MAX (4u * 1024 * 1024)

/*
 * Appends the field raw to out, encoded if it has octets above 127, or else as it is. raw is a complete field with its
 * folds and line end. The new field has line ends of the same kind; if the last one is missing, it stays missing.
 *
 * Returns false with ERROR_MESSAGE, which names the field and says what to do, and leaves out as it was, if an address
 * has a local part that is not ASCII, or a domain that cannot be converted. Trace fields are never refused.
 */
bool header_encode_field(struct span raw, const struct header_encoding *how, struct strbuf *out,
			 struct error *err) MUST_CHECK;

/* Does the same with a field that has a line that is too long and cannot be folded: words that do not fit into a line
 * are encoded even if they are ASCII, where encoded-words are allowed. */
bool header_encode_long_field(struct span raw, const struct header_encoding *how, struct strbuf *out,
			      struct error *err) MUST_CHECK;

/*
 * Does the same as header_encode_field() for all fields of a header block. Fields of ASCII, and everything from the
 * empty line on, are appended as they are. *changed: whether there was a field that is not ASCII.
 */
bool header_encode_block(struct span header, const struct header_encoding *how, bool *changed, struct strbuf *out,
			 struct error *err) MUST_CHECK;

/* Whether some field is UTF-8 and header_encode_field() would refuse it: the header can only be sent with SMTPUTF8. */
bool header_needs_utf8(struct span header, const struct header_encoding *how);

#endif
