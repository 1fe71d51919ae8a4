/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * delivery_request: a task for an account's server, and how to do it.
 *
 *	struct delivery_task task = {DELIVERY_SEND, .message = &message};
 *	struct delivery_request req = delivery_request_make(runtime, account, task);
 *	deliver(&req, &result);
 */
#ifndef TRANSPORT_DELIVERY_REQUEST_H
#define TRANSPORT_DELIVERY_REQUEST_H

#include "base/runtime.h"
#include "config/account.h"
#include "message/source.h"
#include "transport/result.h"

/* A message ready to go: everything borrowed. */
struct delivery_message {
	const struct envelope *env;
	struct span header; /* as it goes out (header_apply) */
	const struct source *body;
	const struct message_info *info;
};

enum delivery_kind {
	DELIVERY_SEND,	 /* the message */
	DELIVERY_VERIFY, /* only the sender and recipients (or none) of an envelope, taken back with RSET */
	DELIVERY_ETRN,	 /* ask the server to start its queue of that name */
	DELIVERY_LOOK	 /* connect, without authentication, and leave */
};
struct delivery_task {
	enum delivery_kind kind;
	union { /* borrowed */
		const struct delivery_message *message;
		const struct envelope *envelope;
		const char *queue;
	};
	/* DELIVERY_SEND; NULL: nothing.  The session is ready, and MAIL goes out next (again in every further session).
	 * False: nothing is sent, and *err is why. */
	bool (*ready)(void *arg, struct error *err);
	void *ready_arg;
	/* DELIVERY_SEND, posted: if the session ends and no recipient has the message, it is not sent in a further one:
	 * result->returned. */
	bool returnable;
};

struct delivery_request {
	const struct account *account; /* complete and checked */
	const struct runtime *runtime;
	struct delivery_task task;
	bool may_prompt; /* the terminal may be asked for a password */
	bool detail;	 /* certificates are wanted in the result */
	/* Listeners, each NULL if there is none; they get listener_arg. */
	void (*trace)(void *arg, bool from_server, struct span line); /* the dialogue, secrets hidden */
	void (*note)(void *arg, const char *text); /* what happens beside it ("TLS1.3 ..., verified by system") */
	/* A stage has been passed and cannot be undone by another server: so_far->stage is the one that follows. so_far
	 * lives as long as the call. */
	void (*progress)(void *arg, const struct delivery_result *so_far);
	/* So many octets of the message, of its size, have been handed to the network.  Dots that were doubled may make
	 * them more than its size. */
	void (*transferred)(void *arg, uint64_t octets, uint64_t size);
	void *listener_arg;
};

/* The only constructor: the terminal may be asked for a password, and no listener is set; with DELIVERY_LOOK detail is
 * wanted.  Borrows all. */
struct delivery_request delivery_request_make(const struct runtime *runtime, const struct account *account,
					      struct delivery_task task);
/* The recipients a task is about; NULL: none. */
const struct envelope *delivery_task_envelope(const struct delivery_task *task);

#endif
