/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_convert: a message made to fit a server that takes less than it has.
 *
 * What comes out means the same: every leaf of the MIME tree decodes to the
 * same octets, types, charsets and parameters stay as they were written, no
 * octet is lost.  What cannot be had that way is refused, naming the part.
 *
 *	leaf			quoted-printable or base64, whichever is shorter
 *	multipart/..., message/rfc822  are walked through; only their label changes (RFC 2045 section 6.4)
 *	message/global...	like a leaf: RFC 6532 lets it be encoded
 *	other message/...	RFC 2046 section 5.2 allows no encoding: refused if it has what is not wanted
 *	in multipart/signed and multipart/encrypted  nothing is touched: refused if it has what is not wanted
 *	already quoted-printable or base64, or an unknown encoding  the same
 *	between the parts (preamble, epilogue)  the same
 *
 * Octets of a part that is declared binary, or has a NUL, are its content as they
 * are; everything else is lines, and their ends count as CRLF whatever they were.
 *
 * Linear in the size of the message, memory does not depend on it.
 */
#ifndef MIME_MIME_CONVERT_H
#define MIME_MIME_CONVERT_H

#include "message/info.h"
#include "message/source.h"

struct mime_wants {
	bool seven_bit;	    /* no octet above 127 below the message's own header, and no 8bit or binary label */
	bool no_binary;	    /* parts declared binary become base64; false: they go octet for octet */
	bool encode_header; /* no octet above 127 in the message's own header */
	size_t line_max;    /* longer lines are encoded, or folded in headers, where they can be; 0: any length */
};
/* A NUL outside of a part declared binary becomes base64 whatever is wanted: no server takes it. */

struct mime_result {
	bool changed;	/* false: the original fits, and nothing below is filled but facts.longest_line */
	bool binary;	/* some part's octets must go as they are: BODY=BINARYMIME, and no line end may be touched */
	size_t encoded; /* leaves that were encoded */
	struct strbuf header; /* CRLF line ends, the empty line included */
	struct source body;   /* CRLF line ends everywhere but in parts declared binary */
	struct message_info
		info; /* of the result: body_wire, longest_line, eightbit_header, eightbit_body, nul, unterminated */
};
void mime_result_init(struct mime_result *r, int (*open_temp)(struct error *err));
void mime_result_release(struct mime_result *r);

/*
 * header: as header_apply() writes it (CRLF or LF line ends, the empty line at its end); body: what follows, any line
 * ends. Both are only read.  *r is initialised and empty; after a failure it is fit for release only.
 *
 * ERROR_MESSAGE: something wanted cannot be had; text names the part ("part 2.1 (text/plain)"), hint the cure.
 * ERROR_IO and what open_temp says: the body cannot be read or written.
 * A line over line_max that cannot be helped is no error: facts.longest_line tells.
 */
bool mime_convert(struct span header, const struct source *body, const struct mime_wants *wants, struct mime_result *r,
		  struct error *err) MUST_CHECK;

#endif
