/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/deliver.h"

#include "transport/transport.h"

void deliver(const struct delivery_request *req, struct delivery_result *result)
{
	struct transport *transport = transport_new(req);
	transport_perform(transport, &req->task, result);
	transport_free(transport);
}
