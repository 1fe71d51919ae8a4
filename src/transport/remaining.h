/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rest: the recipients a server left over for another session (LIMITS MAILMAX,
 * RFC 9422), as an envelope of their own.
 */
#ifndef TRANSPORT_REMAINING_H
#define TRANSPORT_REMAINING_H

#include "address/envelope.h"
#include "smtp/client/outcome.h"

struct remaining {
	struct envelope env; /* all but its list of recipients is borrowed from the whole one */
	size_t *whole;	     /* the place in the whole envelope of each of them; NULL: it is the whole one */
};
#define REMAINING_INIT ((struct remaining){.env = ENVELOPE_INIT, .whole = NULL})

/* Those whose outcome says remaining; their outcomes are OPEN again.  False, and nothing changed, if there are none or
 * if all of the last session's were left over: another one would be no better. */
bool remaining_collect(struct remaining *rest, const struct envelope *whole, struct outcome *outcomes);
void remaining_release(struct remaining *rest);

#endif
