/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session: one SMTP or LMTP client session as a machine that never touches a
 * socket.  The caller asks session_step() what is wanted now, does it, and
 * reports back.  Octets from the server may be fed at any time, in portions of
 * any size, also while a command or the message is being written.
 *
 *	want			the caller then calls
 *	SESSION_READ		session_feed(), or _eof() / _timeout()
 *	SESSION_WRITE		session_wrote(n) for what the stream took; may feed at the same time
 *	SESSION_START_TLS	session_tls_started(); until then no octet may be read in clear, nor discarded
 *	SESSION_SASL		by event: START: session_sasl_start() or _cancel();
 *				CHALLENGE: session_sasl_respond(), _give_way() or _cancel();
 *				SUCCESS: session_sasl_agree() or _cancel()
 *	SESSION_BODY		writes the message while feeding, calls session_body_wrote() for what the stream took,
 *				and asks again, since the server may have interrupted us.  step.plain: exactly
 *				step.room octets as they are, and the session knows the end; else with dots and
 *				final dot, then session_body_done()
 *	SESSION_READY		session_submit(), _verify(), _etrn() or _quit(); nothing is under way
 *	SESSION_CLOSE		closes the connection; the session has ended
 *
 * With remembered capabilities (PIPECONNECT) the session speaks first: SASL_START and READY may be asked for before
 * anything was read, so that AUTH, or the sender and the recipients, are sent together with EHLO.  No octet of the
 * message and no second step of SASL is sent before the server has listed the same capabilities again.  A failure until
 * then says nothing about server or message: session_stale().
 *
 * With options.pipeline above 1, messages may be sent ahead: if session_has_room(), session_submit() may be called
 * although the messages before have no reply yet; session_step() is then called again.  Results are taken in order, at
 * any time, and make room:
 *
 *	while (session_answered(s)) {
 *		... session_outcomes(s) and the like ...
 *		session_next_result(s);
 *	}
 *
 * If the session ends, a message that was sent in full and has no reply has the outcome UNKNOWN, unless the server
 * ended it by a refusal (421): replies come in order, so that refuses all that have none yet.  A message of which the
 * end was not sent has RETRY.  One that the server refused only because it was sent ahead has RETRY with remaining set,
 * and so have recipients that need a further transaction after another message was begun.
 *
 * Whatever the server does: the session ends; memory is bounded; every
 * recipient of a submission has exactly one outcome; after TLS no capability
 * from before is used; there is no AUTH before TLS if TLS is wanted; no command
 * follows one that ends a pipelined group.
 * The trace never gets what SESSION_WRITE returns with secret set, nor any part
 * of a SASL exchange.
 */
#ifndef SMTP_CLIENT_SESSION_H
#define SMTP_CLIENT_SESSION_H

#include "smtp/caps.h"
#include "smtp/client/negotiate.h"
#include "smtp/client/outcome.h"

/* Of a message sent by BDAT, at most so many octets leave before it is known that there is a recipient. */
#define SESSION_FIRST_CHUNK (256u * 1024)

enum session_protocol { PROTOCOL_SMTP, PROTOCOL_LMTP };
enum session_tls { SESSION_TLS_NONE, SESSION_TLS_STARTTLS, SESSION_TLS_ACTIVE };

struct session_options {
	enum session_protocol protocol;
	enum session_tls tls;	/* ACTIVE: the stream is TLS from the first octet */
	bool auth;		/* authenticate */
	unsigned needs;		/* enum cap bits worth a further EHLO after AUTH */
	unsigned ignore;	/* enum cap bits: what the server offers of these is not used */
	size_t pipeline;	/* so many messages may be under way at once; 0 is as 1 */
	const char *local_name; /* for EHLO, HELO, LHLO; borrowed */
	/* What the server listed in an earlier session like this one (after TLS, if there is TLS); borrowed until
	 * session_free().  NULL: nothing is known.  Used only if it has PIPECONNECT, in SMTP, without STARTTLS; the
	 * first call at READY must then not be session_etrn(). */
	const struct caps *remembered;
	/* The session exists already, and another process has used it: it begins at READY; borrowed during
	 * session_new(). NULL: it begins with the server's greeting. */
	const struct session_kept *kept;
	/* One line of the dialogue with secrets replaced by "<hidden>", not cleaned of control characters; or NULL. */
	void (*trace)(void *arg, bool from_server, struct span line);
	void *trace_arg;
};

/* A session between two messages, as another process left it. */
struct session_kept {
	const struct strvec *lines; /* caps->lines */
	const char *greeting, *greeting_name;
	bool authenticated;
	uint64_t transactions; /* session_transactions() */
};

enum session_want {
	SESSION_READ,
	SESSION_WRITE,
	SESSION_START_TLS,
	SESSION_SASL,
	SESSION_BODY,
	SESSION_READY,
	SESSION_CLOSE
};

enum sasl_event { SASL_START, SASL_CHALLENGE, SASL_SUCCESS };

/* RFC 5321 section 4.5.3.2 */
enum timeout_class { TIMEOUT_GREETING, TIMEOUT_COMMAND, TIMEOUT_DATA, TIMEOUT_BLOCK, TIMEOUT_FINAL };

struct session_step {
	enum session_want want;
	enum timeout_class timeout;
	const char *activity;  /* untranslated, _() it: "waiting for the greeting" */
	struct span bytes;     /* WRITE: borrowed until the next call */
	bool secret;	       /* WRITE: holds a secret */
	bool body_follows;     /* WRITE: up to room octets of the message may follow in the same write, plain */
	unsigned message;      /* WRITE with body_follows, BODY: if it differs from the last one, the message is sent
				* again from its start, because its recipients need several transactions */
	bool plain;	       /* BODY: without dots (BDAT) ... */
	uint64_t room;	       /* ... and how many octets */
	enum sasl_event event; /* SASL */
	struct span challenge; /* SASL_CHALLENGE: decoded; borrowed until the next call */
	const struct reply *refusal; /* SASL_START after a refused mechanism: what the server said; else NULL */
};

struct session;
struct session *session_new(const struct session_options *options);
void session_free(struct session *s);
DEFINE_AUTO_PTR(session);

struct session_step session_step(struct session *s);
void session_wrote(struct session *s, size_t n);
void session_feed(struct session *s, struct span octets);
/* The server closed, properly or not. */
void session_eof(struct session *s);
/* The time limit for what was wanted has passed. */
void session_timeout(struct session *s);
/* The stream failed; err is moved.  Ends the session as _eof() does, with that reason. */
void session_broken(struct session *s, struct error *err);
void session_tls_started(struct session *s);
/* mech as on the wire; initial.ptr NULL: no initial response. */
void session_sasl_start(struct session *s, const char *mech, struct span initial);
/* The same for a server that refuses an initial response within the command: it is sent after the server's 334. */
void session_sasl_start_apart(struct session *s, const char *mech, struct span initial);
/* The mechanism has another secret to try: after a refusal of the credentials (535) SASL_START is asked for once more
 * on this connection, with what the server said, rather than the session ended.  Applies to the next exchange only. */
void session_sasl_renewable(struct session *s, bool renewable);
void session_sasl_respond(struct session *s, struct span response);
/* The mechanism agrees that authentication succeeded. */
void session_sasl_agree(struct session *s);
/* Cancels authentication; err is moved and becomes the session's error. */
void session_sasl_cancel(struct session *s, struct error *err);
/* Cancels this exchange after a challenge; once the server has confirmed that, SASL_START asks for another mechanism.
 * err, which is moved, becomes the session's error if the server does not confirm it. */
void session_sasl_give_way(struct session *s, struct error *err);
/* The stream took octets of the message.  After a WRITE with body_follows, it must have taken all of step.bytes first.
 */
void session_body_wrote(struct session *s, size_t n);
void session_body_done(struct session *s);
/* Starts a transaction, and further ones if the server does not take all recipients in one.  Only when READY, or if
 * session_has_room().  A message that the server's capabilities rule out ends at once, when READY: READY again, all
 * outcomes set and nothing written. */
void session_submit(struct session *s, const struct mail_transaction *mail);
/* A further message may be submitted although something is under way: the message before has been written in full.  The
 * first message of a session is always answered before. */
bool session_has_room(const struct session *s);
/* The submission made last is written in full, or over. */
bool session_has_written(const struct session *s);
/* The functions below that are about a submission are about the one shown: the first one since READY, until
 * session_next_result() is called.  This one is over: all its outcomes are set. */
bool session_answered(const struct session *s);
/* Only if session_answered(): forgets the result shown and shows the next.  Returns session_answered(). */
bool session_next_result(struct session *s);
/* Names the sender and the recipients (maybe none) of mail->env as session_submit() would, then takes the transaction
 * back with RSET; nothing else in mail is used.  Only when READY; READY again with an outcome per recipient: ACCEPTED
 * means a 2xx to its RCPT, with the server's words. */
void session_verify(struct session *s, const struct mail_transaction *mail);
/* ETRN (RFC 1985): asks the server to start its queue for a host, "@domain" or "#queue".  Only when READY; the result
 * is in session_submission_error() or session_final_reply(). */
void session_etrn(struct session *s, const char *what);
/* Asks whether the session is alive (NOOP).  Only when READY; READY again if it is, else it has ended. */
void session_check(struct session *s);
/* Another process may go on with the session: READY, with nothing unread; the server accepts a further transaction, and
 * recipients of any domain. */
bool session_can_be_kept(const struct session *s);
/* How many there were in this session, those of other processes included. */
uint64_t session_transactions(const struct session *s);
/* Nothing is under way and the session has not ended: session_submit() may be called. */
bool session_is_ready(const struct session *s);
/* QUIT; its reply is not waited for. */
void session_quit(struct session *s);

/* Grows with every complete reply and every octet written.  The time limit for a step is restarted only if this has
 * grown, so that a server cannot extend it by sending a reply octet by octet. */
uint64_t session_progress(const struct session *s);

/* Why the session ended early, or NULL.  A refused recipient does not end it. */
const struct error *session_error(const struct session *s);
/* Why the submission shown failed for all recipients (negotiation, MAIL, DATA, end of data), or NULL. */
const struct error *session_submission_error(const struct session *s);
/* The outcomes of the submission shown, one per recipient, valid until the next one is shown or submitted at READY, or
 * session_free(). */
const struct outcome *session_outcomes(const struct session *s);
const struct caps *session_caps(const struct session *s);
/* What the server listed before authentication, for remembered. */
const struct caps *session_first_caps(const struct session *s);
/* The session ended because the remembered capabilities were wrong, or before they were confirmed.  Forget them and
 * repeat the session without them; no part of the message was sent, and its outcomes are meaningless. */
bool session_stale(const struct session *s);
/* The submission shown failed because the server refused what it offers (enum cap bits), of which nothing was asked for
 * by the user, and no recipient may have the message: it may be submitted once more without these, in this session
 * after session_ignore(), or in another one if this one has ended.  0: nothing of the kind. */
unsigned session_unkept(const struct session *s);
/* What the server offers of these (enum cap bits) is not used any more.  Only when READY. */
void session_ignore(struct session *s, unsigned caps);
/* The server ended the session at the EHLO after AUTH, or does not know after it that we are authenticated, and no
 * recipient may have the message: everything may be done again in a new session without that EHLO. */
bool session_lost_login(const struct session *s);
/* Of the submission shown: for reports ("extensions used"). */
const struct negotiated *session_negotiated(const struct session *s);
/* The reply that accepted the message (the final 250; with LMTP the last of them), or ETRN, or, when verifying, the
 * sender.  NULL: there was none. */
const struct reply *session_final_reply(const struct session *s);
/* True once the server has accepted our EHLO (or HELO), with STARTTLS the one after TLS: a failure before that concerns
 * this server only, and another one may be tried. */
bool session_greeted(const struct session *s);
/* What the session is doing; once it has ended, where it failed. EHLO includes the greeting; READY is everything
 * after AUTH. */
enum session_phase { SESSION_PHASE_EHLO, SESSION_PHASE_TLS, SESSION_PHASE_AUTH, SESSION_PHASE_READY };
enum session_phase session_phase(const struct session *s);
/* The server's greeting text, first line; or NULL. */
const char *session_greeting(const struct session *s);

/* Ceilings in milliseconds. */
long session_timeout_ms(enum timeout_class class_);

#endif
