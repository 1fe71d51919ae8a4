/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transport: carries messages of one account to its server, one after the other,
 * over one connection as long as that lasts: MAIL follows the verdict on the
 * message before.
 *
 * A message is never carried twice unseen: a session that turns out to have
 * ended is replaced only if nothing of the message can have arrived.
 */
#ifndef TRANSPORT_TRANSPORT_H
#define TRANSPORT_TRANSPORT_H

#include "transport/deliver.h"

struct transport;

/* What req borrows must outlive the transport.  Connects with the first message. */
struct transport *transport_new(const struct delivery_request *req);
/* As deliver().  message NULL: what the request asks for besides (verify, etrn, or only to look). */
void transport_send(struct transport *c, const struct delivery_message *message, struct delivery_result *result);
/* The next message needs no new connection, as far as is known. */
bool transport_connected(const struct transport *c);
/* QUIT; the next message connects anew. */
void transport_hang_up(struct transport *c);
void transport_free(struct transport *c); /* hangs up */
DEFINE_AUTO_PTR(transport);

#endif
