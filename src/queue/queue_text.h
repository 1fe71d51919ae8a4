/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue_text: all that is known about a queued message, for people.  Pure; text from servers and messages is cleaned.
 */
#ifndef QUEUE_QUEUE_TEXT_H
#define QUEUE_QUEUE_TEXT_H

#include "queue/queue_list.h"

void queue_text_message(struct strbuf *out, const struct queue_view *view);
/* The header as it is sent, with LF line ends and without control characters that a terminal would interpret. */
void queue_text_header(struct strbuf *out, struct span header);

#endif
