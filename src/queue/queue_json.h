/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_json: messages of the queue for programs (queue/item_json.h).  Pure.
 */
#ifndef QUEUE_QUEUE_JSON_H
#define QUEUE_QUEUE_JSON_H

#include "base/json.h"
#include "queue/queue_list.h"

/* Opens an object; the caller may add to it, and ends it. */
void queue_json_message(struct json *j, const struct queue_view *view);
/* The same for a message that was tried for the last time: its state is "failed", and the reason is that of its
 * recipients. */
void queue_json_given_up(struct json *j, const struct queue_item *item);
/* Adds what was asked for, the options, and the "history" to that object. */
void queue_json_details(struct json *j, const struct queue_item *item);
/* The same keys for a message about which nothing is known but why: state is "damaged", or NULL.  Opens an object, too.
 */
void queue_json_unknown(struct json *j, const char *id, const char *state, const struct error *err);
void queue_json_no_details(struct json *j);

#endif
