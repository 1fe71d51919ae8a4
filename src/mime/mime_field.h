/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_field: the header of a part, with the fields that describe its encoding
 * put right and everything else left as it is.
 */
#ifndef MIME_MIME_FIELD_H
#define MIME_MIME_FIELD_H

#include "base/error.h"
#include "base/strbuf.h"

struct mime_field_changes {
	const char *encoding; /* Content-Transfer-Encoding: replaced in place, or added; NULL: left */
	const char *type;     /* Content-Type to add, or NULL */
	bool version;	      /* MIME-Version to add */
	bool ascii;	      /* fields with octets above 127 are encoded (header_encode_field) */
	size_t line_max;      /* longer lines are folded where they have blanks; 0: any length */
};

/* block: fields with CRLF line ends, maybe with the empty line at the end, which then stays.  Appends to out.
 * ERROR_MESSAGE if a field cannot be encoded; out is then fit for nothing. */
bool mime_fields_change(struct span block, const struct mime_field_changes *changes, struct strbuf *out,
			struct error *err) MUST_CHECK;

#endif
