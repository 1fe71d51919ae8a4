/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime_wants: what a server does not accept, so that a message has to be converted. */
#ifndef MIME_MIME_WANTS_H
#define MIME_MIME_WANTS_H

#include "header/header_encoding.h"

struct mime_wants {
	bool seven_bit;	    /* no octet above 127 after the header of the message, and no 8bit or binary label */
	bool no_binary;	    /* parts declared binary become base64; false: they stay as they are */
	bool encode_header; /* octets above 127 in header fields are encoded, in the message and in its parts */
	bool utf8_header;   /* fields of the message that are not UTF-8 are encoded */
	bool label;	    /* 8-bit text of a message without Content-Type gets the fields of MIME */
	size_t line_max;    /* longer lines are encoded, or folded in headers, where possible; 0: no limit */
	/* How header fields are encoded. eightbit: the server accepts 8-bit text. */
	struct header_encoding header;
};
/* A NUL outside a part declared binary becomes base64 whatever is wanted: no server accepts it. */

#endif
