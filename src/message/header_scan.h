/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_scan: the fields of a header block (RFC 5322 section 2.2, and the
 * obsolete blank before the colon of section 4.5).  Linear, never copies.
 */
#ifndef MESSAGE_HEADER_SCAN_H
#define MESSAGE_HEADER_SCAN_H

#include "base/strbuf.h"

struct header_field {
	struct span name;  /* without blanks and colon */
	struct span raw;   /* all of it, folded lines and line ends included */
	struct span value; /* behind the colon, unfolded by whoever reads it */
};

struct header_list {
	struct header_field *fields;
	size_t n, cap;
};
#define HEADER_LIST_INIT {NULL, 0, 0}

void header_list_release(struct header_list *list);
/* Spans point into block and live as long as it. */
void header_scan(struct span block, struct header_list *list);
bool header_is(const struct header_field *field, const char *name);
/* The first field of that name, or NULL. */
const struct header_field *header_find(const struct header_list *list, const char *name);
/* The value with its folding removed: CR and LF dropped, outer blanks trimmed. */
void header_value(const struct header_field *field, struct strbuf *out);
/* True if the octets are "name *WSP :", that is, the start of a field. */
bool header_line_is_field(struct span line);

#endif
