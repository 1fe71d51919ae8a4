/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prepare: from the command line, the configuration and standard input to a
 * message ready to go.  Touches no network and asks for no secret.
 */
#ifndef CLI_PREPARE_H
#define CLI_PREPARE_H

#include "cli/args.h"
#include "config/configuration.h"
#include "deliver/deliver.h"
#include "message/header_plan.h"
#include "message/message.h"

struct prepared {
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

/* Replaceable by tests. */
struct surroundings {
	char *const *environ_;
	const struct clock *clock;
	const struct rng *rng;
	int input;		    /* descriptor of the message */
	const char *keyring_helper; /* path of the program that asks the keyring, or NULL */
};

void prepared_init(struct prepared *p);
void prepared_release(struct prepared *p);
/* The configuration alone: files and environment. */
bool prepare_config(struct prepared *p, const struct args *args, const struct surroundings *around,
		    struct error *err) MUST_CHECK;
/* The account alone (serverinfo, pretend): no message is read. */
bool prepare_account(struct prepared *p, const struct args *args, const struct surroundings *around, const char *sender,
		     struct error *err) MUST_CHECK;
/* What needs no message: the configuration, the account, and as far as it is known the sender. */
bool prepare_settings(struct prepared *p, const struct args *args, const struct surroundings *around,
		      struct error *err) MUST_CHECK;
/* The envelope without a message: a sender there must be (--check) ... */
bool prepare_sender(struct prepared *p, const struct args *args, const struct surroundings *around,
		    struct error *err) MUST_CHECK;
/* ... and recipients, from the command line (-bv). */
bool prepare_envelope(struct prepared *p, const struct args *args, const struct surroundings *around,
		      struct error *err) MUST_CHECK;
/* All of it. */
bool prepare_message(struct prepared *p, const struct args *args, const struct surroundings *around,
		     struct error *err) MUST_CHECK;

#endif
