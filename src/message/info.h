/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * message_info: what was found out about a message while it was read. message_reader fills it in; later stages use it
 * instead of the message.
 */
#ifndef MESSAGE_INFO_H
#define MESSAGE_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message_info {
	uint64_t octets;     /* of the message as it was read */
	uint64_t body_wire;  /* octets of the body with CRLF line ends, before dot-stuffing; with the CRLF that is added
			      * to a last line without one */
	uint64_t bare_lf;    /* line ends that are a lone LF */
	uint64_t bare_cr;    /* CRs in the body without an LF after them (those in the header are dropped) */
	size_t longest_line; /* octets of the longest line, without its line end */
	bool eightbit_header; /* an octet above 127 in the header ... */
	bool eightbit_body;   /* ... in the body */
	bool nul;	      /* a NUL anywhere */
	bool unterminated;    /* the last line has no line end */
	bool has_separator;   /* an empty line ends the header */
	bool headerless;      /* the first line is not a header field: all is body */
	bool mbox_line;	      /* an mbox "From " line was dropped */
};

#endif
