/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prepare: from the command line, the configuration and standard input to a
 * message ready to go.  Touches no network and asks for no secret.
 */
#ifndef SUBMIT_SUBMISSION_H
#define SUBMIT_SUBMISSION_H

#include "base/runtime.h"
#include "submit/request.h"
#include "config/configuration.h"
#include "transport/deliver.h"
#include "header/header_plan.h"
#include "message/message.h"

struct submission {
	struct config config;
	struct account *account;
	char *why; /* it was chosen */
	struct message message;
	struct header_list fields;
	struct local_names local; /* the domains that mean this machine */
	char *own_address;	  /* the account's, if the world knows its domain; or NULL */
	char *sender_said;	  /* the sender that own_address replaced, or NULL */
	struct envelope env;
	struct envelope refused; /* its recipients: local names that are not sent */
	struct strbuf header;	 /* as it goes out */
	struct delivery_message ready;
	char *queue_id; /* under which the message, or what is open of it, was kept; NULL: it was not */
	bool has_message;
	bool nobody_will_do; /* set before: no recipient is no error (pretend) */
};

void submission_init(struct submission *p, const struct runtime *runtime);
void submission_release(struct submission *p);
/* The configuration alone: files and environment. */
bool submission_load_config(struct submission *p, const struct request *request, const struct runtime *runtime,
			    struct error *err) MUST_CHECK;
/* The account alone (serverinfo, pretend): no message is read. */
bool submission_choose_account(struct submission *p, const struct request *request, const struct runtime *runtime,
			       const char *sender, struct error *err) MUST_CHECK;
/* What needs no message: the configuration, the account, and as far as it is known the sender. */
bool submission_load_settings(struct submission *p, const struct request *request, const struct runtime *runtime,
			      struct error *err) MUST_CHECK;
/* The envelope without a message: a sender there must be (--check) ... */
bool submission_set_sender(struct submission *p, const struct request *request, const struct runtime *runtime,
			   struct error *err) MUST_CHECK;
/* ... and recipients, from the command line (-bv). */
bool submission_set_envelope(struct submission *p, const struct request *request, const struct runtime *runtime,
			     struct error *err) MUST_CHECK;
/* All of it. */
bool submission_read(struct submission *p, const struct request *request, const struct runtime *runtime,
		     struct error *err) MUST_CHECK;

#endif
