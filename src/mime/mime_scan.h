/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_scan: walks through the MIME tree of a message (RFC 2045, 2046) while its
 * octets pass by, and tells a listener what it sees.  The same octets give the
 * same events however they are cut, so that a second walk can act on what the
 * first one found.
 *
 * Memory is bounded: a part header of MIME_HEADER_MAX octets, MIME_DEPTH_MAX open
 * levels.  What is deeper, or comes behind MIME_PARTS_MAX parts, is not looked into.
 *
 * Line ends are LF, CRLF and, as the writer will make a CRLF of it, a lone CR; but
 * in a part declared binary CRs are content.
 */
#ifndef MIME_MIME_SCAN_H
#define MIME_MIME_SCAN_H

#include "base/error.h"
#include "base/strbuf.h"
#include "mime/mime_type.h"

#define MIME_DEPTH_MAX 100
#define MIME_PARTS_MAX 10000
#define MIME_HEADER_MAX (1024u * 1024)

enum mime_kind {
	MIME_LEAF,
	MIME_MULTIPART, /* entities follow, and text before, between and behind them */
	MIME_MESSAGE,	/* message/rfc822: one entity follows */
	MIME_FIXED	/* content that can neither be encoded nor looked into; see bar */
};

/* Why it cannot. */
enum mime_refusal {
	REFUSAL_NONE,
	REFUSAL_ENCODED,   /* a leaf that is quoted-printable or base64 already, or of an unknown encoding */
	REFUSAL_TYPE,	   /* a message/ type of which RFC 2046 says that it is never encoded */
	REFUSAL_BOUNDARY,  /* a multipart whose boundary is missing, unreadable, or one that is open already */
	REFUSAL_CONTAINER, /* a multipart or message/rfc822 that claims to be encoded (RFC 2045 section 6.4) */
	REFUSAL_AMBIGUOUS, /* two Content-Type or Content-Transfer-Encoding fields */
	REFUSAL_LIMIT	   /* too deep, or too many parts */
};

struct mime_entity {
	size_t index;  /* in the order of appearance; 0: the message itself; all beyond MIME_PARTS_MAX share that one */
	size_t parent; /* of index 0: 0 */
	unsigned depth;
	enum mime_kind kind;
	enum mime_refusal bar;
	bool is_message; /* its header is that of a message: index 0, or what a message/rfc822 holds */
	bool sealed;	 /* within multipart/signed or multipart/encrypted */
	bool text;	 /* a leaf of type text, or of no type */
	bool has_type, has_encoding, has_version; /* fields that are there */
	bool separated;				  /* an empty line ended the header */
	enum mime_encoding encoding;
	struct mime_type type;
};

enum mime_area { AREA_CONTENT, AREA_PREAMBLE, AREA_EPILOGUE };

/* False with err set ends the walk.  The entity is borrowed until the next one begins. */
struct mime_listener {
	/* block: all fields with CRLF line ends, and the empty line if there is one. */
	bool (*header)(void *arg, const struct mime_entity *e, struct span block, struct error *err);
	/* Octets of a line, in portions. */
	bool (*text)(void *arg, size_t index, enum mime_area area, struct span octets, struct error *err);
	/* The end of a line, as it is written: told only when it is known to belong to the content, not to a boundary.
	 */
	bool (*eol)(void *arg, size_t index, enum mime_area area, struct span eol, struct error *err);
	/* line: "--boundary", as it is written, without line ends; own_line: a line end stands before it that is its
	 * own. */
	bool (*delimiter)(void *arg, struct span line, bool own_line, struct error *err);
};

struct mime_level {
	char *boundary;
	size_t index;
	unsigned depth;
	bool seals, digest;
};

struct mime_scan {
	const struct mime_listener *listener;
	void *arg;
	struct mime_level *levels; /* open multiparts */
	size_t n, cap;
	struct mime_entity entity; /* the last one that began */
	size_t entities;
	bool in_header;
	size_t area_index;
	enum mime_area area;
	bool binary;	     /* CRs are content here ... */
	bool lf_lines;	     /* ... even before an LF */
	struct strbuf block; /* the header so far */
	struct strbuf line;  /* a header line, or what may be a delimiter */
	bool in_line;	     /* the line is known to be text */
	bool after_cr;	     /* a CR is held back */
	struct span eol;     /* the line end held back: a literal, or len 0 */
};

/* header: the message's own, with its empty line; LF or CRLF line ends. */
bool mime_scan_begin(struct mime_scan *s, const struct mime_listener *listener, void *arg, struct span header,
		     struct error *err) MUST_CHECK;
bool mime_scan_feed(struct mime_scan *s, struct span in, struct error *err) MUST_CHECK;
bool mime_scan_end(struct mime_scan *s, struct error *err) MUST_CHECK;
/* Also of one whose beginning failed. */
void mime_scan_release(struct mime_scan *s);

#endif
