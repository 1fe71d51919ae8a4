/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * submission: a message on its way in, as submission_read() makes it from the caller's request, the settings and
 * standard input.
 */
#ifndef SUBMIT_SUBMISSION_H
#define SUBMIT_SUBMISSION_H

#include "base/runtime.h"
#include "transport/delivery_request.h"
#include "header/header_plan.h"
#include "message/message.h"

struct submission {
	const struct account *account;	/* borrowed from the settings; NULL until it is chosen */
	struct account *used;		/* another one whose server got the message (runner/fallback.h); or NULL */
	struct message message;		/* as it was read */
	struct header_list fields;	/* of its header, which they point into */
	struct local_names local;	/* the domains that mean this machine */
	const struct local_names *host; /* to be set before: the names of this machine; NULL: they are looked up */
	char *own_address;		/* the account's, if its domain is not a local name; or NULL */
	char *replaced_sender;		/* the sender that own_address replaced, or NULL */
	struct envelope env;		/* with recipients that are refused here */
	struct strbuf header;		/* as it goes out ... */
	char *message_id, *date;	/* ... and the values of two of its fields; NULL: it has none */
	struct strbuf bcc;		/* the fields that were removed from it, CRLF; only if the account archives */
	struct strvec warnings;		/* about this message, for cli to show */
	char *queue_id;		 /* under which the message, or what is open of it, was queued; NULL: it was not */
	char *queued_after;	 /* the earlier message that waits for the server, so this one goes after it; or NULL */
	bool queue_is_empty;	 /* as far as this process knows */
	bool archived;		 /* a copy was made, or could not be made (runner/archive.h) */
	bool answered;		 /* the server has, at least to MAIL */
	bool has_message;	 /* message and header were read */
	bool has_envelope;	 /* to be set before: env has the sender, the recipients and what is asked of the server
				  * as an SMTP client gave them; of the request only the rest is used */
	bool reads_envelope_to;	 /* to be set before: fields X-Envelope-To name the recipients, if there are any */
	bool needs_no_recipient; /* to be set before: it is not an error if no recipient is named (--pretend) */
};

void submission_init(struct submission *p, const struct runtime *runtime);
void submission_release(struct submission *p);
/* The message as it goes out; borrows from p, which must not change meanwhile. */
struct delivery_message submission_message(const struct submission *p);

#endif
