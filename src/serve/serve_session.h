/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * serve_session: serves one SMTP client on a stream, from the greeting to the end: drives the engine
 * (smtp/server/server_session.h), and sends or queues each message (serve_message.h) over transports that stay
 * connected for as long as the session.
 *
 *	struct serve_request req;
 *	serve_request_init(&req, request, runtime, &settings, (struct serve_peer){.name = "uid 1000"});
 *	how_it_ended = serve_session(&req, &stream);
 *	serve_request_release(&req);
 *
 * MAIL and RCPT are answered at once, with 2xx unless the address is impossible; what the server of the account says
 * about them is part of the verdict at the end of the message.
 */
#ifndef SERVE_SERVE_SESSION_H
#define SERVE_SERVE_SESSION_H

#include "net/stream.h"
#include "smtp/server/server_session.h"
#include "submit/settings.h"

/* A client that is silent, or does not read, for so long is sent away; milliseconds. */
#define SERVE_IDLE_MS (5L * 60 * 1000)

/* Who is at the other end. */
struct serve_peer {
	bool network;	  /* not a user of this machine: a message must have the line ends of SMTP */
	const char *name; /* for messages; borrowed */
};

struct serve_request {
	const struct request *request; /* of the command line: what it has of accounts and settings applies */
	const struct runtime *runtime;
	struct settings *settings; /* read; the account is chosen for each message */
	struct serve_peer peer;
	struct server_options options; /* to be changed before the session: STARTTLS, AUTH, limits ... */
	struct caps offers;	       /* ... and what EHLO lists: the rest follows from the server, once it is known */
	char *host_name;
	/* Of all messages, whatever MAIL says, but "<>" stays; borrowed; NULL: what MAIL says.  May change between
	 * them. */
	const char *sender;
	/* Each may be NULL if what it is for is not offered. */
	/* The handshake, on the stream, which is replaced.  False: the session ends. */
	bool (*start_tls)(void *arg, struct stream **stream, struct error *err);
	/* SERVER_SASL: gives the answer. */
	void (*sasl)(void *arg, struct server_session *s, const struct server_step *step);
	/* SERVER_MAIL: may refuse the sender by server_answer(), and returns false then.  NULL: all may send. */
	bool (*may_send)(void *arg, struct server_session *s, const char *sender);
	/* Before each wait for the client; busy: a transaction is under way.  True: the session ends, 421 4.3.2. */
	bool (*is_ending)(void *arg, bool busy);
	void *arg;
};

/* The process speaks English from now on: clients read what it says. */
void serve_request_init(struct serve_request *req, const struct request *request, const struct runtime *runtime,
			struct settings *settings, struct serve_peer peer);
void serve_request_release(struct serve_request *req);
/* Returns when the session has ended.  The stream is left open. */
enum server_end serve_session(struct serve_request *req, struct stream **stream);
/* Greets with 421 and these words (4.3.5 if enhanced is NULL), without waiting for long. */
void serve_refuse(struct serve_request *req, struct stream *stream, const char *enhanced, const char *text);

#endif
