/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_write: header fields that we write ourselves, folded, with CRLF line ends. They are ASCII except for
 * addresses that are not.
 */
#ifndef HEADER_HEADER_WRITE_H
#define HEADER_HEADER_WRITE_H

#include "codec/fold.h"

/* Appends value with "?" for each control character, so that no value can begin a new line, even if its caller did not
 * check it. */
void header_write_value(struct strbuf *out, const char *value);
/* Appends "NAME: VALUE" and the line end. */
void header_write_field(struct strbuf *out, const char *name, const char *value);
/* Appends "FIELD: NAME <ADDR>" and the line end; name may be NULL or empty. */
void header_write_mailbox(struct strbuf *out, const char *field, const char *name, const char *addr);
/* Appends "To: ADDR, ADDR, ..." and the line end. addrs ends with NULL; "undisclosed-recipients:;" if it is NULL or
 * empty. */
void header_write_to(struct strbuf *out, const char *const *addrs);

/*
 * Appends a display name as a phrase (RFC 5322 section 3.2.5), in the first of these forms that can express it: atoms,
 * a quoted-string, encoded-words. Control characters become spaces, so no name can add a header field. Nothing is
 * appended for a name of white space only.
 */
void header_write_phrase(struct fold *f, struct span name);
/* Appends " <ADDR>" after a phrase, on a new line if it does not fit. */
void header_write_bracketed(struct fold *f, const char *addr);

#endif
