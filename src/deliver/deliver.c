/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "deliver/deliver.h"

#include "deliver/courier.h"

void deliver(const struct delivery_request *req, struct delivery_result *result)
{
	struct courier *courier = courier_new(req);
	courier_carry(courier, req->message, result);
	courier_free(courier);
}
