/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * play: a dialogue against the session engine, in memory.  The player is the
 * server and the caller of the engine at once, and stricter than a server: a
 * flight of client lines must be exactly what the dialogue says, nothing may
 * stand after it, nothing may be missing.
 */
#ifndef TESTS_PLAY_H
#define TESTS_PLAY_H

#include "dialogue.h"

#include "smtp/client/session.h"

enum play_stop { PLAY_STOP_EOF, PLAY_STOP_TIMEOUT, PLAY_STOP_BROKEN, PLAY_STOP_421 };
#define PLAY_NEVER SIZE_MAX

struct play {
	/* the situation */
	const struct dialogue *dialogue;
	struct session *session;
	struct span body;  /* the message on the wire, dots and final dot included ... */
	struct span plain; /* ... and as it is, for BDAT */
	/* SESSION_SASL: answer it; NULL: no authentication is expected. */
	void (*sasl)(struct play *p, const struct session_step *step);
	/* SESSION_READY: submit, or quit. */
	void (*ready)(struct play *p);
	/* Before each step: takes results and submits while session_has_room(); NULL: no message is sent ahead. */
	void (*ahead)(struct play *p);
	void *arg;

	/* how the octets travel */
	size_t chunk;	     /* the server's octets in portions of this; 0: a burst at once */
	size_t split;	     /* one cut before this octet of all the server says, or PLAY_NEVER */
	size_t write_chunk;  /* the stream takes so many octets at a time; 0: all */
	bool no_ride;	     /* no octets of the message after the commands in one write */
	size_t stop_at;	     /* the server ends after this many octets, or PLAY_NEVER ... */
	enum play_stop stop; /* ... in this way */

	/* what came of it */
	size_t said;  /* octets the server said */
	size_t steps; /* steps the engine asked for */
	unsigned ready_times;
	unsigned message;   /* session_step.message of what was written last */
	bool body_complete; /* all of the message was written while the engine wanted it */
	bool stopped;
	struct strbuf sent;	      /* everything the client wrote */
	struct strbuf trace;	      /* as the session's trace said it, "> " and "< " in front */
	struct strbuf secret_written; /* what was written with secret set */
	struct strbuf complaint;      /* empty: the client kept to the dialogue */

	/* inside */
	size_t event, matched;
	size_t plain_at, plain_matched; /* octets of the message written by BDAT, and found to be the D: lines */
	bool ended;
};

void play_init(struct play *p, const struct dialogue *d);
void play_release(struct play *p);
/* For session_options.trace; trace_arg is the play. */
void play_trace(void *arg, bool from_server, struct span line);
/* Plays to the end; p->session is the caller's. */
void play_run(struct play *p);
/* session_submit() for a message that is sent ahead. */
void play_submit_ahead(struct play *p, const struct mail_transaction *mail);
/* How many octets the server says when nothing stops it. */
size_t play_server_octets(const struct dialogue *d);
/* After how many octets of the server a verdict on the message can have been said in full, according to
 * the dialogue alone: with less no recipient can have been accepted.  PLAY_NEVER: there is none. */
size_t play_verdict_octets(const struct dialogue *d);

/* The standard answers to SESSION_READY and SESSION_SASL of tests. */
struct play_mail {
	const struct mail_transaction *mails;
	size_t n, next;
	const char *const *mechs; /* "PLAIN initial", "LOGIN" ...; NULL-terminated */
	size_t mech;
	const char *const *responses; /* to challenges, in order; NULL: cancel */
	size_t response;
	bool disagree; /* cancel at the server's success */
	size_t noted;
	struct strbuf outcomes; /* of each submission: "accepted 250, refused 550; accepted 250" */
};
void play_mail_ready(struct play *p);
/* After play_run(): the outcomes of a submission the session ended in. */
void play_mail_end(struct play *p);
void play_mail_sasl(struct play *p, const struct session_step *step);
/* "accepted 250, refused 550" */
void play_outcomes(const struct session *s, size_t n, struct strbuf *out);

#endif
