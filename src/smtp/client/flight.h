/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flight: the commands on their way to the server, that is the octets still to
 * be written and the replies still to come, oldest first.
 *
 * The engine appends a command to out, calls flight_queued(), and
 * flight_expect() if the command has a reply.
 */
#ifndef SMTP_CLIENT_FLIGHT_H
#define SMTP_CLIENT_FLIGHT_H

#include "base/strbuf.h"

#include <stdint.h>

struct state;
struct submitted;

struct pending_reply {
	const struct state *state; /* its on_reply() gets the reply, ... */
	size_t arg;		   /* ... and this; */
	struct submitted *of;	   /* its command belongs to this */
	uint64_t end;		   /* octets of commands queued when the command was complete */
};

struct flight {
	struct strbuf out;	       /* commands, wiped once written if secret ... */
	size_t out_written;	       /* ... and how much of them the stream has taken */
	bool secret;		       /* out holds a secret */
	uint64_t queued;	       /* octets of commands in this session: put into out ... */
	uint64_t written;	       /* ... and taken by the stream */
	uint64_t body_written;	       /* octets of messages taken by the stream */
	const struct state *last;      /* the state whose command was queued last: may another follow it? */
	struct pending_reply *pending; /* ring */
	size_t first, n, cap;
};
void flight_init(struct flight *f);
void flight_release(struct flight *f);

/* A command of this state, secret or not, was appended to out; out held `before` octets until then. */
void flight_queued(struct flight *f, const struct state *state, size_t before, bool secret);
/* The server owes a reply to what has been queued so far: .end of reply is set here. */
void flight_expect(struct flight *f, struct pending_reply reply);
/* The reply due next, or NULL. */
const struct pending_reply *flight_oldest(const struct flight *f);
/* Takes it off; there must be one. */
struct pending_reply flight_take(struct flight *f);

/* What the stream should take now; empty when everything is written. */
struct span flight_unwritten(const struct flight *f);
void flight_wrote(struct flight *f, size_t n);

#endif
