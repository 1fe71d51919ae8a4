/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * serve_verdict: what an SMTP client is told about its message: one reply that is true for every recipient.
 *
 *	all recipients accepted: 250 with the words of the server's last reply
 *	all accepted or queued: 250 Ok: queued as ID
 *	none accepted, none queued: the failure
 *	some refused, others not: with a queue, 250 that lists the refused ones, and the sender gets a report about them
 *
 * The failure is the server's code and words, if it is about the message or a recipient; else 451, or 550 or 554 for
 * what will never succeed.  If the recipients failed in different ways, each is listed.
 *
 * If some were refused and no report can be sent (no queue, or no sender: enqueue_refused()), or if there was another
 * trouble, it is 554 that lists all recipients.
 *
 * So 4xx is said only if nobody has, or will get, the message, because the client sends it again.  A session lost after
 * the end of the message is 451 4.4.2 with words that say that it may have been delivered.
 */
#ifndef SERVE_SERVE_VERDICT_H
#define SERVE_SERVE_VERDICT_H

#include "runner/send.h"

struct serve_verdict {
	int code;
	char enhanced[ENHANCED_MAX];
	struct strbuf text;
};
#define SERVE_VERDICT_INIT ((struct serve_verdict){.text = STRBUF_INIT})
void serve_verdict_release(struct serve_verdict *v);

/* After send_submission() or send_failed().  Puts the report about refused recipients into the queue, if there is to be
 * one, and starts its runner. */
void serve_verdict_of(struct serve_verdict *v, const struct send_request *how, const struct submission *p,
		      const struct send_result *sent);
/* Of one failure. */
void serve_verdict_of_status(struct serve_verdict *v, const struct status *why);

#endif
