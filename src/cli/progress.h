/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * progress: one line on a terminal about a message that takes long to be transferred, in the place of a silence; it is
 * gone when something else is printed.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "transport/delivery_request.h"

#include <stdio.h>

struct progress {
	FILE *to; /* a terminal; NULL: nothing is shown */
	const struct clock *clock;
	msec_t began, drawn; /* 0: not yet */
	size_t width;	     /* of what stands there */
};

/* A line for standard error, if that is a terminal on which a line can be replaced. */
void progress_init(struct progress *p, const struct runtime *runtime);
/* So much of the message has been handed to the network: draws the line, from the third second on. */
void progress_draw(struct progress *p, uint64_t octets, uint64_t size);
/* Removes it. */
void progress_erase(struct progress *p);

#endif
