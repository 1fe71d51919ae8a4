/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content: the message in the form the server in hand can take.  Always made
 * from the original: what one host needed says nothing about the next.
 */
#ifndef TRANSPORT_ADAPT_H
#define TRANSPORT_ADAPT_H

#include "config/account.h"
#include "transport/deliver.h"
#include "mime/mime_convert.h"

struct adapted_message {
	struct mime_result result; /* holds what was made, if anything */
	struct span header;	   /* as it goes out: of the result or of the original ... */
	const struct source *body;
	struct mail_transaction sub; /* ... and what the engine has to know about it */
};
void adapted_message_init(struct adapted_message *c);
void adapted_message_release(struct adapted_message *c);

/* The original: what is known about it and wanted for it. */
struct mail_transaction adapt_transaction(const struct account *account, const struct delivery_message *message);
/*
 * Fills *c for a server with these capabilities, replacing what was there.
 * ERROR_MESSAGE: something has to be changed and cannot be (mime_convert), or a line is too long and long_lines says
 * refuse.  ERROR_IO: the new body cannot be kept.
 */
bool adapt_message(struct adapted_message *c, const struct account *account, const struct delivery_message *message,
		   const struct caps *caps, struct error *err) MUST_CHECK;

#endif
