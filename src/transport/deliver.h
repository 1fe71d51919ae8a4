/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deliver: an account and a message in, one outcome per recipient out.
 */
#ifndef TRANSPORT_DELIVER_H
#define TRANSPORT_DELIVER_H

#include "base/runtime.h"
#include "config/account.h"
#include "transport/result.h"
#include "transport/server.h"
#include "message/wire.h"
#include "smtp/client/session.h"
#include "tls/info.h"

/* A message ready to go: everything borrowed. */
struct delivery_message {
	const struct envelope *env;
	struct span header; /* as it goes out (header_apply) */
	const struct source *body;
	const struct message_info *info;
};

struct delivery_request {
	const struct account *account; /* complete and checked */
	const struct delivery_message
		*message;	       /* NULL: nothing is sent: connect, look (serverinfo), leave, and maybe ... */
	const struct envelope *verify; /* ... name this sender and these recipients (or none) and take it back */
	const char *etrn;	       /* ... or ask the server to start its queue for this */
	const struct runtime *runtime;
	bool may_prompt; /* the terminal may be asked for a password */
	bool detail;	 /* certificates are wanted in the result */
	bool no_auth;	 /* do not authenticate even if the account would (serverinfo) */
	void (*trace)(void *arg, bool from_server, struct span line); /* the dialogue, secrets hidden; or NULL */
	void (*note)(void *arg,
		     const char *text); /* what happens beside it ("TLS1.3 ..., verified by system"); or NULL */
	void *trace_arg;
};

/* Never fails half-way: every recipient has its outcome, and error says why where something went wrong. */
void deliver(const struct delivery_request *req, struct delivery_result *result);

#endif
