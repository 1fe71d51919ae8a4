/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deliver: an account and a message in, one outcome per recipient out.
 */
#ifndef DELIVER_DELIVER_H
#define DELIVER_DELIVER_H

#include "config/account.h"
#include "deliver/server.h"
#include "message/wire.h"
#include "net/resolve.h"
#include "smtp/session.h"
#include "tls/info.h"

/* A message ready to go: everything borrowed. */
struct delivery_message {
	const struct envelope *env;
	struct span header; /* as it goes out (header_apply) */
	const struct source *body;
	const struct message_facts *facts;
};

struct delivery_request {
	const struct account *account; /* complete and checked */
	const struct delivery_message *message; /* NULL: nothing is sent: connect, look (serverinfo), leave, and maybe ... */
	const struct envelope *verify; /* ... name this sender and these recipients (or none) and take it back */
	const char *etrn;	       /* ... or ask the server to start its queue for this */
	const struct clock *clock;
	const struct resolver *resolver;
	const struct srv_dns *srv_dns; /* NULL: the system's */
	const struct rng *rng;	       /* NULL: the system's */
	bool may_prompt;     /* the terminal may be asked for a password */
	const char *state_home; /* where early_pipelining remembers servers; NULL: it does not */
	const char *keyring_helper; /* program that asks the keyring; NULL: it is not asked */
	bool detail;	     /* certificates are wanted in the result */
	bool no_auth;	     /* do not authenticate even if the account would (serverinfo) */
	void (*trace)(void *arg, bool from_server, struct span line); /* the dialogue, secrets hidden; or NULL */
	void (*note)(void *arg, const char *text); /* what happens beside it ("TLS1.3 ..., verified by system"); or NULL */
	void *trace_arg;
};

/* How far it came; with STARTTLS the server's EHLO comes before TLS. */
enum delivery_stage { DELIVERY_SECRET, DELIVERY_DNS, DELIVERY_CONNECT, DELIVERY_TLS, DELIVERY_EHLO, DELIVERY_AUTH, DELIVERY_TRANSACTION, DELIVERY_DONE };

struct delivery_result {
	enum delivery_stage stage; /* where it failed, or DONE */
	struct outcome *outcomes; /* one per recipient (of the message, or to verify), none OPEN */
	size_t n;
	struct error error;	  /* what failed as a whole (connection, session, message), or kind NONE */
	char *host;		  /* the one used or tried last, or the socket's path */
	unsigned port;
	char *peer;
	struct tls_info tls;
	char *mech;		  /* SASL mechanism that succeeded, or NULL */
	char *identity;		  /* the name its certificate was to carry */
	const char *secret_from;  /* name of the secret's source, or NULL */
	struct caps caps;
	char *greeting;
	int code;		  /* of the final reply, or 0 */
	char *final_text;	  /* its words, cleaned, or NULL */
	char *final_lines;	  /* the same with '\n' between its lines, or NULL */
	struct strvec extensions; /* used: "SIZE", "8BITMIME", ... */
	struct strvec warnings;	  /* what the user should know though it went: clauses for a line each */
	uint64_t size;		  /* octets on the wire before dot-stuffing */
	unsigned round_trips;
	msec_t ms_secret, ms_dns, ms_connect, ms_tls, ms_session, ms_total;
};
void delivery_result_release(struct delivery_result *r);

/* Never fails half-way: every recipient has its outcome, and error says why where something went wrong. */
void deliver(const struct delivery_request *req, struct delivery_result *result);

#endif
