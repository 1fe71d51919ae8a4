/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transport: sends messages of one account to its server, one after the other,
 * over the same connection as long as that lasts.
 *
 * A message is sent after the final reply to the one before, unless it is posted
 * and the account has pipeline_messages above 1: then so many may be on their way
 * at once.  If the connection breaks, those may have been delivered
 * (OUTCOME_UNKNOWN) that were sent in full and have no reply.
 *
 *	for (size_t i = 0; i < n; i++)
 *		transport_post(t, &tasks[i], &results[i], done, &messages[i]);
 *	transport_flush(t);
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
/* work(arg) is called each time something was sent and the server's reply is awaited, for what the caller has to do in
 * any case.  It may not call functions of this transport. */
void transport_use_waiting(struct transport *t, void (*work)(void *arg), void *arg);
/* As deliver(). */
void transport_perform(struct transport *t, const struct delivery_task *task, struct delivery_result *result);
void transport_send(struct transport *t, const struct delivery_message *message, struct delivery_result *result);
/*
 * As transport_perform(), but may return while the message is on its way; replies are read when there is nothing else
 * to do, so call transport_flush() when no further message is at hand.  done(arg) is called once, within this or a
 * later call of transport_post(), or within transport_flush(), when *result is complete; in the order in which messages
 * were posted.  It may not call functions of this transport.  What task points to and *result must live until then.
 * task->ready() is called before the message's MAIL, as always; done() of earlier messages may come after that.
 */
void transport_post(struct transport *t, const struct delivery_task *task, struct delivery_result *result,
		    void (*done)(void *arg), void *arg);
/* Waits until a further message can be sent ahead of the replies to those under way, or nothing is under way: for a
 * caller that is to know the results until then before it chooses the next message. */
void transport_make_room(struct transport *t);
/* Waits until all posted messages have their results.  Must be called before transport_perform(), _send(), _hang_up()
 * and _free(). */
void transport_flush(struct transport *t);
/* As far as is known, the next message needs no new connection. */
bool transport_connected(const struct transport *t);
/* Sends QUIT, or leaves the session to later processes (persist); the next message connects again. */
void transport_hang_up(struct transport *t);
void transport_free(struct transport *t); /* hangs up */
DEFINE_AUTO_PTR(transport);

#endif
