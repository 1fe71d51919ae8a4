/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime_wants: what a server does not accept, so that a message has to be converted. */
#ifndef MIME_MIME_WANTS_H
#define MIME_MIME_WANTS_H

#include <stdbool.h>
#include <stddef.h>

struct mime_wants {
	bool seven_bit;	    /* no octet above 127 after the header of the message, and no 8bit or binary label */
	bool no_binary;	    /* parts declared binary become base64; false: they stay as they are */
	bool encode_header; /* no octet above 127 in the header of the message */
	size_t line_max;    /* longer lines are encoded, or folded in headers, where possible; 0: no limit */
};
/* A NUL outside a part declared binary becomes base64 whatever is wanted: no server accepts it. */

#endif
