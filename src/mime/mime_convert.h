/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_convert: converts a message for a server that does not accept everything the message contains.
 *
 * The result means the same: every leaf of the MIME tree decodes to the same octets, and types, charsets and parameters
 * stay as they were written. What cannot be converted that way is refused, and the error names the part.
 *
 *	leaf			quoted-printable or base64, whichever is shorter
 *	multipart/...,		are walked through; only their label changes
 *	  message/rfc822	  (RFC 2045 section 6.4)
 *	message/global...	like a leaf: RFC 6532 allows it to be encoded
 *	other message/...	RFC 2046 section 5.2 allows no encoding
 *
 * Nothing is changed in multipart/signed and multipart/encrypted, in content that has an unknown encoding, and between
 * the parts (preamble, epilogue). What is not wanted is refused there, and in other message/... types. In content that
 * is quoted-printable or base64 already, octets above 127 become what decoders make of them, and a part with lines that
 * are too long gets lines of 76.
 *
 * The content of a part that is declared binary and is not text, or contains a NUL, is its octets as they are. All
 * other content is lines, whose ends are CRLF whatever they were.
 *
 * The time is linear in the size of the message; the memory does not depend on it.
 */
#ifndef MIME_MIME_CONVERT_H
#define MIME_MIME_CONVERT_H

#include "message/info.h"
#include "message/source.h"
#include "mime/mime_wants.h"

struct mime_result {
	bool changed;	      /* false: the original is fine, and only info.longest_line is set below */
	bool same_body;	      /* only the header changed: body is empty and stands for the original */
	bool binary;	      /* some part must be sent as it is: BODY=BINARYMIME, and no line end may be changed */
	size_t encoded;	      /* leaves that were encoded */
	struct strbuf header; /* with CRLF line ends and the empty line */
	struct source body;   /* with CRLF line ends except in parts declared binary */
	struct message_info
		info; /* of the result: body_wire, longest_line, eightbit_header, eightbit_body, nul, unterminated;
		       * with same_body only eightbit_header, longest_line, nul of the header */
};
void mime_result_init(struct mime_result *r, const struct temp_files *temp);
void mime_result_release(struct mime_result *r);

/*
 * header: as header_apply() writes it (CRLF or LF line ends, and the empty line). body: what follows, with any line
 * ends. Both are only read. *r must be initialised and empty; after a failure it can only be released.
 *
 * ERROR_MESSAGE: the message cannot be converted as wanted. The text names the part ("part 2.1 (text/plain)"), the hint
 * says what to do. ERROR_IO, and the errors of temp->open(): the body cannot be read or written.
 * A line over line_max that can neither be encoded nor folded is not an error: see info.longest_line.
 */
bool mime_convert(struct span header, const struct source *body, const struct mime_wants *wants, struct mime_result *r,
		  struct error *err) MUST_CHECK;
/* The same for a message in which nothing but the header needs a change: the body is not read,
 * and info.longest_line is that of the header. */
bool mime_convert_header(struct span header, const struct mime_wants *wants, struct mime_result *r,
			 struct error *err) MUST_CHECK;

#endif
