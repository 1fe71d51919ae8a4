/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wire: the octets of a message as they go to the server, in chunks.
 *
 * eol_encode turns LF, CRLF and lone CR into CRLF and ends the last line;
 * dot_encode doubles a dot at the start of a line and writes the final
 * "." CRLF (RFC 5321 section 4.5.2).  Both keep their state between chunks, so
 * that any portions give the same octets; both work in blocks (memchr), not
 * octet by octet.  wire_body joins header, body and the two: the only producer
 * of DATA content in the program, so that the end-of-data sequence appears
 * exactly once (SMTP smuggling).
 */
#ifndef MESSAGE_WIRE_H
#define MESSAGE_WIRE_H

#include "message/message.h"

struct eol_encoder {
	bool after_cr; /* a CR is pending */
	bool at_start; /* the next octet starts a line */
};
void eol_encoder_init(struct eol_encoder *e);
void eol_encode(struct eol_encoder *e, struct span in, struct strbuf *out);
/* Ends a pending CR or an unfinished line. */
void eol_encode_end(struct eol_encoder *e, struct strbuf *out);

struct dot_encoder {
	bool at_start;
};
void dot_encoder_init(struct dot_encoder *d);
/* in has CRLF line ends only, in any portions; a CRLF may be cut between them. */
void dot_encode(struct dot_encoder *d, struct span in, struct strbuf *out);
/* The final "." CRLF, behind a CRLF it adds if the last line lacked one. */
void dot_encode_end(struct dot_encoder *d, struct strbuf *out);

/* Reads a prepared message from the start, as often as wanted. */
struct wire_body {
	struct span header;	   /* from header_apply: CRLF line ends, the last line ended; borrowed */
	const struct source *body; /* borrowed */
	bool dots;		   /* DATA: dot-stuffed and ended with "." ; else plain octets (BDAT) */
	bool untouched;		   /* BINARYMIME: every octet as it is; set behind _init, never with dots */
	uint64_t body_offset;
	size_t header_offset;
	struct eol_encoder eol;
	struct dot_encoder dot;
	struct strbuf raw;  /* working memory */
	struct strbuf crlf; /* a portion that has dots to double */
	bool finished;
};
void wire_body_init(struct wire_body *w, struct span header, const struct source *body, bool dots);
void wire_body_release(struct wire_body *w);
/* Appends the next portion (about 64 KiB, never more than 192 KiB) to out; *more is false when that was the
 * last.  Fails only when the source cannot be read (ERROR_IO). */
bool wire_body_next(struct wire_body *w, struct strbuf *out, bool *more, struct error *err) MUST_CHECK;
/* Exact size on the wire before dot-stuffing: the SIZE of RFC 1870. */
uint64_t wire_size(struct span header, const struct message_info *info);

#endif
