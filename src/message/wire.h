/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wire: a message as it is sent to the server, in portions.
 *
 * eol_encode turns LF, CRLF and a lone CR into CRLF, and ends the last line. dot_encode doubles a dot at the start of a
 * line and writes the final "." CRLF (RFC 5321 section 4.5.2). Both keep their state between portions, so any portions
 * give the same octets; both work in blocks, not octet by octet. wire_body applies them to header and body. It is the
 * only producer of DATA content in the program, so that the end-of-data sequence appears exactly once (SMTP smuggling).
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
/* Ends the line if there is a pending CR or no line end. */
void eol_encode_end(struct eol_encoder *e, struct strbuf *out);

struct dot_encoder {
	bool at_start;
};
void dot_encoder_init(struct dot_encoder *d);
/* in has CRLF line ends only. A CRLF may be divided between two portions. */
void dot_encode(struct dot_encoder *d, struct span in, struct strbuf *out);
/* Writes the final "." CRLF, and before it a CRLF if the last line has none. */
void dot_encode_end(struct dot_encoder *d, struct strbuf *out);

/* Writes a message from the start. */
struct wire_body {
	struct span header;	   /* from header_apply(): CRLF line ends, also after the last line; borrowed */
	const struct source *body; /* borrowed */
	bool dots;		   /* for DATA: dots are doubled and "." CRLF is added; false for BDAT */
	bool untouched;		   /* for BINARYMIME: no line end is changed; set after _init, never with dots */
	uint64_t body_offset;
	size_t header_offset;
	struct eol_encoder eol;
	struct dot_encoder dot;
	struct strbuf raw;  /* working memory */
	struct strbuf crlf; /* working memory: a portion that has dots to double */
	bool finished;
};
void wire_body_init(struct wire_body *w, struct span header, const struct source *body, bool dots);
void wire_body_release(struct wire_body *w);
/* Appends the next portion (about 64 KiB, never more than 192 KiB) to out; *more is false if it is the last one.
 * ERROR_IO if the source cannot be read. */
bool wire_body_next(struct wire_body *w, struct strbuf *out, bool *more, struct error *err) MUST_CHECK;
/* The exact size on the wire before dot-stuffing: SIZE of RFC 1870. */
uint64_t wire_size(struct span header, const struct message_info *info);

#endif
