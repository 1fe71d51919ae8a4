/* SPDX-License-Identifier: GPL-3.0-or-later */
/* deliver: a request in, one outcome per recipient out. */
#ifndef TRANSPORT_DELIVER_H
#define TRANSPORT_DELIVER_H

#include "transport/delivery_request.h"

/* Performs its task with a transport of its own.  Never fails half-way: every recipient has its outcome, and error says
 * why where something went wrong. */
void deliver(const struct delivery_request *req, struct delivery_result *result);

#endif
