/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * progress: one line on a terminal about a message that takes long to be transferred, in the place of a silence; it is
 * gone when something else is printed.
 */
#ifndef TRANSPORT_PROGRESS_H
#define TRANSPORT_PROGRESS_H

#include "base/clock.h"
#include "base/strbuf.h"

struct progress {
	const struct clock *clock;
	msec_t began, drawn; /* 0: not yet */
	size_t width;	     /* of what stands there */
};

/* So much of the message has been handed to the network: appends what draws the line, from the third second on, or
 * removes it at the end. */
void progress_draw(struct progress *p, uint64_t octets, uint64_t size, struct strbuf *out);
/* Appends what removes it, if it is there. */
void progress_erase(struct progress *p, struct strbuf *out);

#endif
