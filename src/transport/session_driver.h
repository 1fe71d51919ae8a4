/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * conversation: the only loop that joins a session engine to a stream.
 *
 * It does what session_step() asks for - read, write, TLS, SASL, the message -
 * reads while it writes, keeps the time limits, and counts what a session
 * cost.  It judges nothing.
 */
#ifndef TRANSPORT_SESSION_DRIVER_H
#define TRANSPORT_SESSION_DRIVER_H

#include "message/wire.h"
#include "net/stream.h"
#include "smtp/client/session.h"
#include "tls/tls.h"

struct session_driver;

/* What the conversation cannot do itself. */
struct session_driver_ops {
	/* Puts TLS on top of *stream (STARTTLS); err on failure. */
	bool (*start_tls)(struct session_driver *c, struct error *err);
	/* Answers SESSION_SASL with one of the session_sasl_...() calls. */
	void (*sasl)(struct session_driver *c, const struct session_step *step);
};

struct session_driver {
	const struct session_driver_ops *ops;
	void *arg; /* the owner's */
	struct session *session;
	struct stream *stream;
	const struct clock *clock;
	msec_t deadline;    /* for everything */
	long timeout_ms;    /* the user's limit for one step; < 0: RFC 5321's ceilings alone */
	struct span header; /* the message: set by session_driver_message() before session_submit() */
	const struct source *content;
	bool raw;	       /* its line ends are not touched (BINARYMIME) */
	struct wire_body body; /* being read, if body_open */
	bool body_open, body_more;
	unsigned message;    /* session_step.message of body */
	struct strbuf chunk; /* a portion of it, from chunk_at on not written yet */
	size_t chunk_at;
	struct strbuf input, flight; /* working memory */

	unsigned round_trips;	 /* times we had to wait for the server after saying something */
	bool spoke;		 /* something was said since the last wait; true at the start: the connect */
	msec_t limit;		 /* of the step under way ... */
	uint64_t limit_progress; /* ... and where the session stood when it was set */
	bool limit_set;
	enum session_want limit_want;
};

void session_driver_init(struct session_driver *c, const struct session_driver_ops *ops, void *arg);
void session_driver_release(struct session_driver *c); /* not the session, not the stream */
/* Names the message of the next submission; borrowed until its outcomes are there. */
void session_driver_message(struct session_driver *c, struct span header, const struct source *content, bool raw);
/* Runs until the session is READY or has closed; false when it closed. */
bool session_driver_run(struct session_driver *c);
/* Between two messages: takes in what the server may have said or done meanwhile; false if the session has ended. */
bool session_driver_idle(struct session_driver *c);
/* session_quit() and the goodbye of the stream, without waiting for answers. */
void session_driver_end(struct session_driver *c);

#endif
