/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exit_status: from what happened to a status of <sysexits.h>.  Pure; the one place. */
#ifndef TRANSPORT_EXIT_STATUS_H
#define TRANSPORT_EXIT_STATUS_H

#include "transport/deliver.h"

/*
 * 0 when every recipient was accepted or is kept in the queue.  Nobody accepted and one reason for
 * all: that reason's status.  Else 75 if any recipient may still succeed later,
 * else 67.
 */
int exit_status_of(const struct delivery_result *result);
/* "EX_OK" for 0 and so on, as <sysexits.h> calls it; NULL for a number it does not have. */
const char *exit_status_name(int status);
/* The whole in one word: "accepted"; "queued", what was not accepted is kept in the
 * queue; "partial", some were neither; "retry", worth trying again as it is; "failed", not before
 * something is mended; "refused", never; "unknown", nobody can tell. */
const char *exit_status_outcome(const struct delivery_result *result);

#endif
