/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session_driver: the only loop that connects a session engine to a stream.
 *
 * It does what session_step() asks for (read, write, TLS, SASL, the message),
 * reads while it writes, keeps the time limits, and counts round trips.  It
 * makes no decisions.
 */
#ifndef TRANSPORT_SESSION_DRIVER_H
#define TRANSPORT_SESSION_DRIVER_H

#include "message/wire.h"
#include "net/stream.h"
#include "smtp/client/session.h"
#include "tls/tls.h"

struct session_driver;

/* What the driver cannot do itself. */
struct session_driver_ops {
	/* Puts TLS on top of *stream (STARTTLS); err on failure. */
	bool (*start_tls)(struct session_driver *d, struct error *err);
	/* Answers SESSION_SASL with one of the session_sasl_...() calls. */
	void (*sasl)(struct session_driver *d, const struct session_step *step);
	/* Something was sent, and the server's reply is awaited next. */
	void (*waiting)(struct session_driver *d);
	/* The stream took octets of the message: d->body_octets. */
	void (*wrote)(struct session_driver *d);
};

struct session_driver {
	const struct session_driver_ops *ops;
	void *arg; /* the owner's */
	struct session *session;
	struct stream *stream;
	const struct clock *clock;
	msec_t deadline; /* for everything */
	long timeout_ms; /* the user's limit for one step; < 0: only the ceilings of RFC 5321 apply */

	struct span header; /* the message, see session_driver_message() */
	const struct source *source;
	bool raw;
	struct wire_body body; /* the message being read, if body_open */
	bool body_open, body_more;
	uint64_t body_octets;  /* of the message, written so far */
	unsigned message;      /* session_step.message that body belongs to */
	struct strbuf portion; /* octets of it, not written yet from portion_at on */
	size_t portion_at;
	struct strbuf input, flight; /* working memory */

	unsigned round_trips;	 /* times we waited for the server after sending something */
	bool sent;		 /* something was sent since the last wait; true at first, for the connect */
	msec_t limit;		 /* of the current step ... */
	uint64_t limit_progress; /* ... and session_progress() when it was set */
	bool limit_set;
	enum session_want limit_want;
};

void session_driver_init(struct session_driver *d, const struct session_driver_ops *ops, void *arg);
/* Does not release the session or the stream. */
void session_driver_release(struct session_driver *d);
/* Sets the message of the next session_submit(); borrowed until its outcomes are set.  raw: its line ends are sent as
 * they are (BINARYMIME). */
void session_driver_message(struct session_driver *d, struct span header, const struct source *source, bool raw);
/* Runs until the session is READY or has closed; false if it has closed. */
bool session_driver_run(struct session_driver *d);
/* The same, but returns true as soon as enough(session). */
bool session_driver_run_until(struct session_driver *d, bool (*enough)(const struct session *session));
/* Between two messages: reads what the server may have sent meanwhile.  False if the session has ended. */
bool session_driver_idle(struct session_driver *d);
/* session_quit() and the end of the stream, without waiting for replies. */
void session_driver_end(struct session_driver *d);

#endif
