/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * serve_message: a message that an SMTP client sends, from MAIL to the verdict.  It is made into a submission as the
 * sendmail command makes one for the same sender and recipients (account, rules for senders, aliases, header), and is
 * sent or queued as the account wants it.
 *
 *	serve_message_begin(&m);				// MAIL
 *	ok = serve_message_add(&m, step.octets, &verdict);	// for each part
 *	serve_message_end(&m, step.mail, &verdict);
 *	serve_message_drop(&m);					// or begin the next one
 *
 * The server is asked before there is a verdict, and clients do not wait for long.  So the delivery ends after
 * SERVE_PATIENCE, and longer for a large message, unless the account sets a deadline: then the message is queued, or
 * the verdict is 451.
 */
#ifndef SERVE_SERVE_MESSAGE_H
#define SERVE_SERVE_MESSAGE_H

#include "serve/outlet.h"
#include "serve/serve_verdict.h"
#include "smtp/server/server_session.h"

/* Milliseconds, and the octets for each of which there is one more. */
#define SERVE_PATIENCE 25000
#define SERVE_OCTETS_PER_MS 100

struct serve_message {
	const struct request *request; /* of the command line; borrowed, and so are the next two */
	const struct runtime *runtime;
	struct settings *settings; /* read; the account is chosen for each message */
	struct outlets *outlets;
	const char *sender; /* of all messages, whatever MAIL says, but "<>" stays; NULL: what MAIL says */
	struct caps *known; /* gets what the server of the last message was seen to offer; NULL: nobody wants that */
	bool begun;
	struct submission p;
	struct message_reader reader;
};

void serve_message_begin(struct serve_message *m);
void serve_message_drop(struct serve_message *m);
/* False: it cannot be stored; the verdict is the reply. */
bool serve_message_add(struct serve_message *m, struct span octets, struct serve_verdict *v);
/* All of it has come. */
void serve_message_end(struct serve_message *m, const struct server_mail *mail, struct serve_verdict *v);

#endif
