/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_list: messages of the queue as text, in the format of sendmail's mailq.  Pure.
 *
 *	-Queue ID-     --Size-- ----Arrival Time---- -Sender/Recipient-------
 *	01jd3k8qz5f7m*      326 Sun Nov 22 10:30:00  me@example.org
 *	                (connection refused)
 *	                                             friend@example.org
 *
 *	-- 0 Kbytes in 1 Request.
 *
 * Programs read this, so only the reasons are translated.  Text from servers and messages is cleaned, so that each
 * piece is one line.
 */
#ifndef QUEUE_QUEUE_LIST_H
#define QUEUE_QUEUE_LIST_H

#include "queue/queue_view.h"

void queue_list_heading(struct strbuf *out);
/* Recipients for whom the message was accepted are not listed. */
void queue_list_message(struct strbuf *out, const struct queue_view *view);
/* One that cannot be read; its mark is '?'. */
void queue_list_unreadable(struct strbuf *out, const char *id, const struct error *err);
void queue_list_footer(struct strbuf *out, uint64_t bytes, size_t n);

#endif
