/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rest: the recipients a server left over for another session (LIMITS MAILMAX,
 * RFC 9422), as an envelope of their own.
 */
#ifndef DELIVER_REST_H
#define DELIVER_REST_H

#include "message/envelope.h"
#include "smtp/outcome.h"

struct rest {
	struct envelope env; /* all but its list of recipients is borrowed from the whole one */
	size_t *whole;	     /* the place in the whole envelope of each of them; NULL: it is the whole one */
};
#define REST_INIT ((struct rest){.env = ENVELOPE_INIT, .whole = NULL})

/* Those whose outcome says left_over; their outcomes are OPEN again.  False, and nothing changed, if there are none or
 * if all of the last session's were left over: another one would be no better. */
bool rest_collect(struct rest *rest, const struct envelope *whole, struct outcome *outcomes);
void rest_release(struct rest *rest);

#endif
