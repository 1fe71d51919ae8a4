/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session: one SMTP or LMTP client session as a machine that never touches a
 * socket.  The caller asks session_step() what is wanted now, does it, and
 * reports back; octets from the server may be fed at any time, in any
 * portions, also while a command or the body is being written.
 *
 *	want			the caller then calls
 *	SESSION_READ		session_feed(), or _eof() / _timeout()
 *	SESSION_WRITE		session_wrote(n) for what the stream took; he may feed at the same time
 *	SESSION_START_TLS	session_tls_started(), after discarding nothing: no octet may be read in clear before
 *	SESSION_SASL		by event: START: session_sasl_start() or _cancel();
 *				CHALLENGE: session_sasl_respond() or _cancel();
 *				SUCCESS: session_sasl_agree() or _cancel()
 *	SESSION_BODY		writes the message, feeding all the while, calls session_body_wrote() for what the
 *				stream took, and asks again (the server may have stopped us).  step.plain: exactly
 *				step.room octets as they are, the session knows the end; else with dots and final
 *				dot, then session_body_done()
 *	SESSION_READY		session_submit() or session_quit()
 *	SESSION_CLOSE		closes the connection; the session has ended
 *
 * With remembered capabilities (PIPECONNECT) the session speaks first: SASL_START and READY may be asked for before
 * anything was read, so that AUTH, or the names of sender and recipients, ride with EHLO; no octet of the message and
 * no second step of SASL goes out before the server has shown the very same list again.  Whatever ends the session
 * until then says nothing about server or message: session_stale().
 *
 * What holds whatever the server does: the session ends; memory is bounded;
 * every recipient of a submission has exactly one outcome; after TLS no
 * capability from before is used; no AUTH before TLS where TLS is wanted;
 * nothing is written behind a command that ends a pipelined group.
 * Nothing written by SESSION_WRITE with secret set, and nothing of a SASL
 * exchange, reaches the trace.
 */
#ifndef SMTP_CLIENT_SESSION_H
#define SMTP_CLIENT_SESSION_H

#include "smtp/caps.h"
#include "smtp/client/negotiate.h"
#include "smtp/client/outcome.h"

enum session_protocol { PROTOCOL_SMTP, PROTOCOL_LMTP };
enum session_tls { SESSION_TLS_NONE, SESSION_TLS_STARTTLS, SESSION_TLS_ACTIVE };

struct session_options {
	enum session_protocol protocol;
	enum session_tls tls;	/* ACTIVE: the stream is TLS from the first octet */
	bool auth;		/* authenticate */
	unsigned needs;		/* enum cap bits worth a further EHLO after AUTH */
	const char *local_name; /* for EHLO, HELO, LHLO; borrowed */
	/* What the server listed in an earlier session like this one, behind TLS if there is any; borrowed until
	 * session_free().  NULL: nothing is known.  Counts where it has PIPECONNECT, in SMTP, without STARTTLS,
	 * and then the first thing done at READY is not session_etrn(). */
	const struct caps *remembered;
	/* One line of the dialogue, cleaned by whoever shows it, secrets replaced by
	 * "<hidden>"; NULL: nobody listens. */
	void (*trace)(void *arg, bool from_server, struct span line);
	void *trace_arg;
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
	const char *doing; /* untranslated text of the step, _() it: "waiting for the greeting" */
	struct span bytes; /* WRITE: borrowed until the next call */
	bool secret;	   /* WRITE: holds a secret */
	bool body_follows; /* WRITE: octets of the message may ride behind, at most room of them, plain */
	unsigned message;  /* WRITE with body_follows, BODY: when it is another than before, the message goes out from
			    * its start: recipients may need several transactions */
	bool plain;	   /* BODY: without dots (BDAT) ... */
	uint64_t room;	   /* ... and how many octets */
	enum sasl_event event;	     /* SASL */
	struct span challenge;	     /* SASL_CHALLENGE: decoded; borrowed until the next call */
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
/* The time for what was wanted has passed. */
void session_timeout(struct session *s);
/* The stream failed; err is moved.  Ends the session as _eof() does, with that reason. */
void session_broken(struct session *s, struct error *err);
void session_tls_started(struct session *s);
/* mech as on the wire; initial.ptr NULL: no initial response. */
void session_sasl_start(struct session *s, const char *mech, struct span initial);
void session_sasl_respond(struct session *s, struct span response);
/* The mechanism agrees with the server's success. */
void session_sasl_agree(struct session *s);
/* Gives authentication up, politely; err is moved and becomes the session's error. */
void session_sasl_cancel(struct session *s, struct error *err);
/* Octets of the message were taken; behind a WRITE with body_follows only when all of its bytes were. */
void session_body_wrote(struct session *s, size_t n);
void session_body_done(struct session *s);
/* Starts a transaction, and further ones if the server does not take all recipients in one; only when READY.  A
 * submission that does not fit the server ends at once, READY again, with its outcomes set and nothing written. */
void session_submit(struct session *s, const struct mail_transaction *sub);
/* Names the sender and the recipients (maybe none) of sub->env as session_submit() would and takes the transaction back
 * with RSET; of sub the rest does not count.  Only when READY; READY again with an outcome per recipient: ACCEPTED
 * is a 2xx to its RCPT, with the server's words. */
void session_verify(struct session *s, const struct mail_transaction *sub);
/* ETRN (RFC 1985): asks the server to start its queue for a host, "@domain" or "#queue".  Only when READY; then
 * session_submission_error() or session_final_reply() tell the result. */
void session_etrn(struct session *s, const char *what);
/* Nothing is under way, and the session lives: session_submit() may be called. */
bool session_is_ready(const struct session *s);
/* QUIT; its answer is not waited for. */
void session_quit(struct session *s);

/* Grows with every complete reply and every octet written: a time limit for a step
 * starts anew only when this has moved, so that a dripping server cannot stretch it. */
uint64_t session_progress(const struct session *s);

/* Why the session ended early, or NULL.  A refused recipient is no error of the session. */
const struct error *session_error(const struct session *s);
/* Why the last transaction failed as a whole (MAIL, DATA, end of data, the terms), or NULL. */
const struct error *session_submission_error(const struct session *s);
/* n outcomes of the last submission, valid until the next or session_free(). */
const struct outcome *session_outcomes(const struct session *s);
const struct caps *session_caps(const struct session *s);
/* What the server listed before authentication, for remembered. */
const struct caps *session_first_caps(const struct session *s);
/* The session ended because, or while, something was sent under remembered capabilities that do not hold: forget them
 * and do it all again without; nothing of the message was sent, and its outcomes do not count. */
bool session_stale(const struct session *s);
/* Of the last submission: for reports ("extensions used"). */
const struct negotiated *session_negotiated(const struct session *s);
/* What the server said when it took the message (the final 250), or NULL; SMTP only. */
const struct reply *session_final_reply(const struct session *s);
/* True once the server has taken our EHLO (or HELO): a failure before that says
 * something about this server only, and another may be tried. */
bool session_greeted(const struct session *s);
/* What the session is about: what it failed at, once it has ended. EHLO includes the greeting; READY is everything
 * behind AUTH. */
enum session_phase { SESSION_PHASE_EHLO, SESSION_PHASE_TLS, SESSION_PHASE_AUTH, SESSION_PHASE_READY };
enum session_phase session_phase(const struct session *s);
/* The server's greeting text, first line; or NULL. */
const char *session_greeting(const struct session *s);

/* Ceilings in milliseconds. */
long session_timeout_ms(enum timeout_class class_);

#endif
