/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_scan: finds the fields of a header block (RFC 5322 section 2.2, with the obsolete white space before the colon
 * of section 4.5). Takes linear time and copies nothing.
 *
 * CRs mean nothing in a header: the writer drops them, so they are skipped here, too. "B<CR>cc:" is read as it will be
 * sent.
 */
#ifndef HEADER_HEADER_SCAN_H
#define HEADER_HEADER_SCAN_H

#include "base/strbuf.h"

/* A line without a colon in its first HEADER_NAME_MAX octets is not a field. */
#define HEADER_NAME_MAX 1000

struct header_field {
	struct span name;  /* without white space and colon; empty: lines that are not a field */
	struct span raw;   /* all of the field, with folded lines and line ends */
	struct span value; /* what follows the colon, with its folds */
};

struct header_list {
	struct header_field *fields;
	size_t n, cap;
};
#define HEADER_LIST_INIT ((struct header_list){NULL, 0, 0})

/* What the first octets of a line say about the line. */
enum header_line {
	LINE_MORE,	   /* not known yet; not returned for HEADER_NAME_MAX octets or for a complete line */
	LINE_FIELD,	   /* name *WSP ":" */
	LINE_CONTINUATION, /* begins with a space or tab */
	LINE_EMPTY,
	LINE_MBOX, /* begins with "From " or ">From ", without a colon after the white space */
	LINE_OTHER
};

void header_list_release(struct header_list *list);
/* Appends the fields up to the first empty line. Their spans point into block. Joined, the raw spans are the block up
 * to that line: nothing is left out. */
void header_scan(struct span block, struct header_list *list);
bool header_is(const struct header_field *field, const char *name);
/* Whether its name begins with the prefix, as "Resent-". */
bool header_begins(const struct header_field *field, const char *prefix);
/* The first field of that name, or NULL. */
const struct header_field *header_find(const struct header_list *list, const char *name);
/* Appends the value without its folds: without CR and LF, and without white space at both ends. */
void header_value(const struct header_field *field, struct strbuf *out);
/* Whether the value consists of white space and line ends. */
bool header_is_empty(const struct header_field *field);
/* Whether the line begins with "name *WSP :", that is, as a field. */
bool header_line_is_field(struct span line);
/* start: the first octets of a line, as many as are known, with the LF if they reach so far. */
enum header_line header_line_kind(struct span start);
/* As header_line_kind(), without regard to a byte-order mark. */
enum header_line header_read_kind(struct span start);

#endif
