/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_scan: the fields of a header block (RFC 5322 section 2.2, and the
 * obsolete blank before the colon of section 4.5).  Linear, never copies.
 *
 * CRs mean nothing in a header (the writer drops them), so they are skipped
 * everywhere here too: "B<CR>cc:" is what it will be on the wire.
 */
#ifndef HEADER_HEADER_SCAN_H
#define HEADER_HEADER_SCAN_H

#include "base/strbuf.h"

/* A line with no colon in its first so many octets is no field. */
#define HEADER_NAME_MAX 1000

struct header_field {
	struct span name;  /* without blanks and colon; empty: lines that are no field */
	struct span raw;   /* all of it, folded lines and line ends included */
	struct span value; /* behind the colon, unfolded by whoever reads it */
};

struct header_list {
	struct header_field *fields;
	size_t n, cap;
};
#define HEADER_LIST_INIT ((struct header_list){NULL, 0, 0})

/* What the first octets of a line say about it. */
enum header_line {
	LINE_MORE,	   /* not yet known; never said of HEADER_NAME_MAX octets or of a whole line */
	LINE_FIELD,	   /* name *WSP ":" */
	LINE_CONTINUATION, /* begins with a blank or tab */
	LINE_EMPTY,
	LINE_MBOX, /* "From " or ">From ", and no colon behind the blanks */
	LINE_OTHER
};

void header_list_release(struct header_list *list);
/* Spans point into block and live as long as it.  Stops at an empty line.  The
 * raw spans joined are the block (up to there): nothing is ever left out. */
void header_scan(struct span block, struct header_list *list);
bool header_is(const struct header_field *field, const char *name);
/* The first field of that name, or NULL. */
const struct header_field *header_find(const struct header_list *list, const char *name);
/* The value with its folding removed: CR and LF dropped, outer blanks trimmed. */
void header_value(const struct header_field *field, struct strbuf *out);
/* True if the value is nothing but blanks and line ends. */
bool header_is_empty(const struct header_field *field);
/* True if the octets are "name *WSP :", that is, the start of a field. */
bool header_line_is_field(struct span line);
/* start: the octets of a line from its first on, as many as are known, with its LF if they reach so far. */
enum header_line header_line_kind(struct span start);

#endif
