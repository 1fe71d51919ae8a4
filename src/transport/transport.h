/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transport: sends messages of one account to its server, one after the other,
 * over the same connection as long as that lasts.  A message is sent after the
 * final reply to the one before.
 *
 * No message is sent twice silently: if the session turns out to have ended, a
 * new one is used only if no part of the message can have arrived.
 */
#ifndef TRANSPORT_TRANSPORT_H
#define TRANSPORT_TRANSPORT_H

#include "transport/delivery_request.h"

struct transport;

/* Account, runtime and listeners of req must outlive the transport; its task is not performed yet.  Connects for the
 * first task. */
struct transport *transport_new(const struct delivery_request *req);
/* As deliver(). */
void transport_perform(struct transport *t, const struct delivery_task *task, struct delivery_result *result);
void transport_send(struct transport *t, const struct delivery_message *message, struct delivery_result *result);
/* As far as is known, the next message needs no new connection. */
bool transport_connected(const struct transport *t);
/* Sends QUIT, or leaves the session to later processes (persist); the next message connects again. */
void transport_hang_up(struct transport *t);
void transport_free(struct transport *t); /* hangs up */
DEFINE_AUTO_PTR(transport);

#endif
