/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_scan: walks through the MIME tree of a message (RFC 2045, RFC 2046) while its octets pass by, and reports what
 * it finds to a listener. The same octets give the same events however they are divided into portions, so a second walk
 * can act on what the first one found.
 *
 * Memory is bounded: a part header of MIME_HEADER_MAX octets, and the limits of mime_entity.h.
 *
 * Line ends are LF, CRLF and a lone CR, since the writer makes a CRLF of it. In a part declared binary, unless it is
 * text, CRs are content.
 */
#ifndef MIME_MIME_SCAN_H
#define MIME_MIME_SCAN_H

#include "base/error.h"
#include "base/strbuf.h"
#include "mime/mime_entity.h"

#define MIME_HEADER_MAX (1024u * 1024)

enum mime_area { AREA_CONTENT, AREA_PREAMBLE, AREA_EPILOGUE };

/* Each function returns false with err set to end the walk. The entity is valid until the next one begins. */
struct mime_listener {
	/* block: all fields with CRLF line ends, and the empty line if there is one. */
	bool (*header)(void *arg, const struct mime_entity *e, struct span block, struct error *err);
	/* Octets of a line, in portions. */
	bool (*text)(void *arg, size_t index, enum mime_area area, struct span octets, struct error *err);
	/* The end of a line, as it is written. Reported only once it is known to belong to the content and not to a
	 * boundary. */
	bool (*eol)(void *arg, size_t index, enum mime_area area, struct span eol, struct error *err);
	/* line: "--boundary", as it is written, without line ends. own_line: the line end before it belongs to the
	 * delimiter. */
	bool (*delimiter)(void *arg, struct span line, bool own_line, struct error *err);
};

struct mime_scan {
	const struct mime_listener *listener;
	void *arg;
	struct mime_levels levels; /* the open multiparts */
	struct mime_entity entity; /* the last one that began */
	size_t entities;
	bool in_header;
	size_t area_index;
	enum mime_area area;
	bool binary;	     /* CRs are content here ... */
	bool lf_lines;	     /* ... even before an LF */
	struct strbuf block; /* the header so far */
	struct strbuf line;  /* a header line, or what may be a delimiter */
	bool in_line;	     /* the current line is known to be text */
	bool after_cr;	     /* a CR is held back */
	struct span eol;     /* the line end held back: a literal, or len 0 */
};

/* header: the message's own, with its empty line, in lines that end with LF or CRLF. */
bool mime_scan_begin(struct mime_scan *s, const struct mime_listener *listener, void *arg, struct span header,
		     struct error *err) MUST_CHECK;
bool mime_scan_feed(struct mime_scan *s, struct span in, struct error *err) MUST_CHECK;
bool mime_scan_end(struct mime_scan *s, struct error *err) MUST_CHECK;
/* Also after mime_scan_begin() failed. */
void mime_scan_release(struct mime_scan *s);

#endif
