/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_plan: what the parts of a message contain, found out in one walk, and what has to be done with each of them:
 * either a decision for every part, or a refusal of the message.
 */
#ifndef MIME_MIME_PLAN_H
#define MIME_MIME_PLAN_H

#include "message/source.h"
#include "mime/mime_scan.h"
#include "mime/mime_wants.h"

struct mime_octets {
	uint64_t total; /* with line ends as CRLF */
	uint64_t high;	/* octets above 127 */
	bool nul;
	size_t longest; /* the longest line, without its line end */
};

enum mime_action {
	ACTION_COPY, /* with CRLF line ends */
	ACTION_RAW,  /* octet by octet */
	ACTION_TEXT, /* declared binary, but text: with CRLF line ends */
	ACTION_QUOTED,
	ACTION_BASE64,	   /* of the text with CRLF line ends */
	ACTION_BASE64_RAW, /* of the octets as they are */
	ACTION_ESCAPE,	   /* quoted-printable already: octets above 127 in it are encoded, long lines broken */
	ACTION_STRIP	   /* base64 already: octets above 127, which mean nothing in it, are left out, the same */
};

struct mime_part {
	size_t parent;
	enum mime_kind kind;
	enum mime_refusal refusal;
	enum mime_encoding encoding;
	bool is_message, sealed, text, octets, global, has_type, has_encoding, has_version;
	char *type;				    /* for error messages */
	struct mime_octets header, content, margin; /* what they contain; margin: preamble and epilogue */
	bool utf8;				    /* all of the content is UTF-8; checked only without Content-Type */
	enum mime_action action;
	bool wrap;	    /* ACTION_ESCAPE, ACTION_STRIP: some lines are too long */
	const char *label;  /* new Content-Transfer-Encoding, or NULL */
	bool encode_header; /* octets above 127 in the header are encoded */
	bool add_version, add_type;
};

struct mime_plan {
	struct mime_part *parts;
	size_t n, cap;
	bool changes;	     /* something has to be done */
	bool body_changes;   /* and not only in the header of the message */
	bool binary;	     /* for some part it is ACTION_RAW */
	size_t encoded;	     /* leaves to encode */
	size_t longest_line; /* of the message as it is */
	size_t longest_body; /* of its body */
};
#define MIME_PLAN_INIT ((struct mime_plan){NULL, 0, 0, false, false, false, 0, 0, 0})
void mime_plan_release(struct mime_plan *plan);

/* Walks through the message and records what the parts contain. ERROR_IO if the body cannot be read, ERROR_MESSAGE for
 * a boundary line or a part header that is too long. */
bool mime_plan_read(struct mime_plan *plan, struct span header, const struct source *body,
		    struct error *err) MUST_CHECK;
/* Decides what to do with each part. ERROR_MESSAGE as described for mime_convert(). */
bool mime_plan_decide(struct mime_plan *plan, const struct mime_wants *wants, struct error *err) MUST_CHECK;
/* "part 2.1 (text/plain)", or "the message (text/plain)". */
void mime_plan_name(const struct mime_plan *plan, size_t index, struct strbuf *out);

/* Walks through header and body, for both passes. */
bool mime_walk(const struct mime_listener *listener, void *arg, struct span header, const struct source *body,
	       struct error *err) MUST_CHECK;

#endif
