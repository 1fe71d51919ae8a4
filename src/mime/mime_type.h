/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_type: what Content-Type and Content-Transfer-Encoding say (RFC 2045 sections 5 and 6).
 *
 * Parsers differ where a field is malformed, so what could be read in two ways is ignored: a boundary that this module
 * returns is one that all readers see.
 */
#ifndef MIME_MIME_TYPE_H
#define MIME_MIME_TYPE_H

#include "base/span.h"
#include "base/cleanup.h"

/* A line of a message cannot hold a longer one. */
#define MIME_BOUNDARY_MAX 900

enum mime_encoding { MIME_7BIT, MIME_8BIT, MIME_BINARY, MIME_QUOTED, MIME_BASE64, MIME_OTHER };

struct mime_type {
	char *name; /* "text/plain", lower case, cut at 100 octets, without control characters; "" if it is not a type
		     */
	char *boundary; /* or NULL */
};
#define MIME_TYPE_INIT ((struct mime_type){NULL, NULL})
void mime_type_release(struct mime_type *type);
/* value: what follows the colon, folded or not. Replaces the contents of *type. */
void mime_type_parse(struct span value, struct mime_type *type);

/* An empty value means MIME_7BIT, and a label that names no encoding ("8-bit", "utf-8") MIME_8BIT. */
enum mime_encoding mime_encoding_parse(struct span value);
/* 7bit, 8bit and binary describe the octets; the other encodings change them. */
static inline bool mime_encoding_is_identity(enum mime_encoding e)
{
	return e <= MIME_BINARY;
}

#endif
