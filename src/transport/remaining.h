/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * remaining: some of a message's recipients, as an envelope of their own: those that were not refused here, and those
 * that a server left for another session (LIMITS MAILMAX, RFC 9422).
 */
#ifndef TRANSPORT_REMAINING_H
#define TRANSPORT_REMAINING_H

#include "address/envelope.h"
#include "smtp/client/outcome.h"

struct remaining {
	struct envelope env; /* all but its list of recipients is borrowed from the full envelope */
	size_t *index;	     /* of each of them in the full envelope; NULL: nothing was collected */
};
#define REMAINING_INIT ((struct remaining){.env = ENVELOPE_INIT, .index = NULL})

/* Collects the recipients that are not refused.  False, with nothing changed, if that is all of them. */
bool remaining_collect_open(struct remaining *r, const struct envelope *full);
/* Collects the recipients whose outcome has remaining set, and sets their outcomes to OPEN.  False, with nothing
 * changed, if there are none, or if the last session left all of its recipients: another one would do the same. */
bool remaining_collect(struct remaining *r, const struct envelope *full, struct outcome *outcomes);
void remaining_release(struct remaining *r);

#endif
