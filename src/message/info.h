/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * facts: what one pass over a message found out.  Filled by message_read(),
 * read by everybody later; nobody asks the message again.
 */
#ifndef MESSAGE_INFO_H
#define MESSAGE_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct message_info {
	uint64_t octets;      /* as read from the caller */
	uint64_t body_wire;   /* octets of the body with CRLF line ends, before dot-stuffing;
			       * includes the CRLF added behind a last line that had none */
	uint64_t bare_lf;     /* line ends that were a lone LF */
	uint64_t bare_cr;     /* CRs not followed by LF, in the body (the header drops them) */
	size_t longest_line;  /* octets of the longest line, without its line end */
	bool eightbit_header; /* an octet above 127 in the header ... */
	bool eightbit_body;   /* ... in the body */
	bool nul;	      /* a NUL anywhere */
	bool unterminated;    /* the last line had no line end */
	bool has_separator;   /* an empty line ended the header */
	bool headerless;      /* the first line was no header field: all is body */
	bool mbox_line;	      /* an mbox "From " line was dropped */
};

#endif
