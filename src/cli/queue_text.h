/* SPDX-License-Identifier: GPL-3.0-or-later */
/* queue_text: all that is known of one queued message, for people.  Pure; what came from others is cleaned. */
#ifndef CLI_QUEUE_TEXT_H
#define CLI_QUEUE_TEXT_H

#include "cli/queue_list.h"

void queue_text_message(struct strbuf *out, const struct queue_view *view);
/* The header as it goes out, with line ends of here and nothing a terminal would obey. */
void queue_text_header(struct strbuf *out, struct span header);

#endif
