/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * adapt: the message as a certain server can accept it.  Always made from the
 * original, since what one server needs says nothing about the next.
 */
#ifndef TRANSPORT_ADAPT_H
#define TRANSPORT_ADAPT_H

#include "config/account.h"
#include "message/wire.h"
#include "smtp/client/negotiate.h"
#include "smtp/client/session.h"
#include "transport/delivery_request.h"
#include "mime/mime_convert.h"

struct adapted_message {
	const struct temp_files *temp;
	struct mime_result result; /* the converted message, if it had to be converted */
	struct span header;	   /* as it is sent: of the result or of the original ... */
	const struct source *body;
	bool signed_before;	      /* it has a DKIM signature, which matches no more if it had to be converted */
	struct mail_transaction mail; /* ... and what the engine needs to know about it */
};
void adapted_message_init(struct adapted_message *out, const struct temp_files *temp);
void adapted_message_release(struct adapted_message *out);

/* The options of a session that follow from the account.  A server that "srv:" has found may need another tls; needs,
 * remembered, local_name and trace are the caller's. */
struct session_options adapt_session(const struct account *account);
/* What the account makes sure of about its server.  Every way of accepting a certificate besides a chain with a name
 * needs its own decision here: see RFC 8689 section 2. */
enum mail_tls adapt_tls(const struct account *account);
/* What the engine needs to know about the original. */
struct mail_transaction adapt_transaction(const struct account *account, const struct delivery_message *message);
/*
 * Replaces *out by the message for a server with these capabilities.
 * ERROR_MESSAGE: something has to be changed and cannot be (mime_convert), or a line is too long and long_lines is
 * "refuse".  ERROR_IO: the new body cannot be stored.
 */
bool adapt_message(struct adapted_message *out, const struct account *account, const struct delivery_message *message,
		   const struct caps *caps, struct error *err) MUST_CHECK;

#endif
