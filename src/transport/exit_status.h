/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exit_status: from the result of a delivery to a status of <sysexits.h>.  Pure. */
#ifndef TRANSPORT_EXIT_STATUS_H
#define TRANSPORT_EXIT_STATUS_H

#include "transport/delivery_request.h"

/*
 * 0 if every recipient was accepted or queued; but 77 if what is queued waits for a login by OAuth2.  If none was, and
 * all for the same reason, the status of that reason. Otherwise 75 if any recipient may succeed later, else 67.
 */
int exit_status_of(const struct delivery_result *result);
/* "EX_OK" for 0 and so on, as <sysexits.h> calls it; NULL for a number it does not have. */
const char *exit_status_name(int status);
/* The result in one word: "accepted"; "queued": what was not accepted is in the queue; "partial": some recipients were
 * neither; "retry": may succeed later; "failed": may succeed once something is fixed; "refused": never; "unknown": it
 * may have been delivered. */
const char *exit_status_outcome(const struct delivery_result *result);

#endif
