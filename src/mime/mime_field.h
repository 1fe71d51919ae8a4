/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_field: changes to the header of a part: the fields that describe its encoding are corrected, and everything else
 * is left as it is.
 */
#ifndef MIME_MIME_FIELD_H
#define MIME_MIME_FIELD_H

#include "base/strbuf.h"
#include "header/header_encoding.h"

struct mime_field_changes {
	const char *encoding; /* Content-Transfer-Encoding: replaced where it is, or added; NULL: no change */
	const char *type;     /* Content-Type to add, or NULL */
	bool version;	      /* MIME-Version to add */
	bool encode;	      /* fields with octets above 127 are encoded (header_encode_field) */
	bool utf8;	      /* those that are not UTF-8 are encoded */
	bool keep_addresses;  /* those that cannot be encoded stay as they are, instead of a failure */
	struct header_encoding header;
	size_t line_max; /* longer lines are folded where they have spaces, or encoded; 0: no limit */
};

/* Appends the changed header to out. block: fields with CRLF line ends; an empty line at the end is kept.
 * ERROR_MESSAGE if a field cannot be encoded; the content of out is then undefined. */
bool mime_fields_change(struct span block, const struct mime_field_changes *changes, struct strbuf *out,
			struct error *err) MUST_CHECK;

#endif
