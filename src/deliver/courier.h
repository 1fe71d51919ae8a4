/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * courier: carries messages of one account to its server, one after the other,
 * over one connection as long as that lasts: MAIL follows the verdict on the
 * message before.
 *
 * A message is never carried twice unseen: a session that turns out to have
 * ended is replaced only if nothing of the message can have arrived.
 */
#ifndef DELIVER_COURIER_H
#define DELIVER_COURIER_H

#include "deliver/deliver.h"

struct courier;

/* What req borrows must outlive the courier.  Connects with the first message. */
struct courier *courier_new(const struct delivery_request *req);
/* As deliver().  message NULL: what the request asks for besides (verify, etrn, or only to look). */
void courier_carry(struct courier *c, const struct delivery_message *message, struct delivery_result *result);
/* The next message needs no new connection, as far as is known. */
bool courier_connected(const struct courier *c);
/* QUIT; the next message connects anew. */
void courier_hang_up(struct courier *c);
void courier_free(struct courier *c); /* hangs up */
DEFINE_AUTO_PTR(courier);

#endif
