/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server_session: the server's side of one SMTP or LMTP session, as a machine that never touches a socket.  Its owner
 * asks server_step() what is wanted now, does it, and reports back.
 *
 *	want			the owner then calls
 *	SERVER_READ		server_feed() with octets in portions of any size, or _eof() / _timeout()
 *	SERVER_WRITE		server_wrote(n) for what the stream took
 *	SERVER_START_TLS	server_tls_started(); if the handshake fails, server_eof()
 *	SERVER_SASL		by event.  START (mechanism, octets: the initial response, ptr NULL: none) and RESPONSE
 *				(octets): server_sasl_challenge(), server_sasl_done() or server_answer()
 *	SERVER_MAIL		begins a transaction: drops what is left of an earlier one, then server_answer()
 *	SERVER_RCPT		server_answer() about the last recipient of step.mail; a refused one is removed again
 *	SERVER_BODY		octets of the message, without the dots of DATA: server_stored(), or server_answer() to
 *				refuse the message; the rest of it is then read and thrown away
 *	SERVER_MESSAGE		the message is complete: server_answer(), the verdict about it.  LMTP: asked once for
 *				each recipient, in order; step.recipient is its place in step.mail
 *	SERVER_CLOSE		closes the connection; the session has ended
 *
 * server_answer() takes a reply of any code.  A 2xx means yes, 421 ends the session once it is written, every other
 * code means no.  server_accept() is the usual yes.  So the least that an owner does:
 *
 *	struct server_session *s = server_new(&options);
 *	for (;;) {
 *		struct server_step step = server_step(s);
 *		switch (step.want) {
 *		case SERVER_READ: n = read(0, buf, sizeof(buf)); server_feed(s, span_make(buf, n)); break;
 *		case SERVER_WRITE: server_wrote(s, write(1, step.octets.ptr, step.octets.len)); break;
 *		case SERVER_BODY: strbuf_add_span(&message, step.octets); server_stored(s); break;
 *		case SERVER_MESSAGE: server_answer(s, 250, "2.0.0", "Ok: queued as 4F2A"); break;
 *		default: server_accept(s);
 *		}
 *	}
 *
 * Promises, whatever the client sends, in portions of any size:
 * - One reply for each command, in order; one for each chunk of BDAT; for the end of the message one, in LMTP one for
 *   each accepted recipient.  A reply always has code, blank and text.  Replies to a pipelined group leave together.
 * - SERVER_MESSAGE is asked for only after CRLF "." CRLF (see enum server_lines) or BDAT LAST, never at the end of the
 *   connection, and never for a message of which an octet was refused or not passed on.
 * - step.mail has exactly the sender and the recipients that were named and accepted since the last MAIL.  RSET, EHLO,
 *   HELO, STARTTLS, a refused MAIL and the end of a message forget them.
 * - Each limit has a reply of its own (struct server_limits), and memory is bounded by them.
 * - After STARTTLS nothing from before is known, and what was sent in the same flight is not read as commands: the
 *   session ends.
 * - No part of a SASL exchange is passed to trace.
 * - The argument of EHLO is not checked, and returned by server_client_name() only.
 *
 * RSET, NOOP, VRFY, HELP, EHLO, HELO and QUIT are valid at any time between the commands, VRFY and HELP not before a
 * login that is needed.  Enhanced codes (RFC 2034) are part of replies after EHLO and LHLO, not after HELO.
 */
#ifndef SMTP_SERVER_SERVER_SESSION_H
#define SMTP_SERVER_SERVER_SESSION_H

#include "address/envelope.h"
#include "smtp/caps.h"

enum server_protocol { SERVER_SMTP, SERVER_LMTP };

/* What ends a line.  A dot at the start of a line is removed; a lone dot that does not end the message is content. */
enum server_lines {
	/* CRLF.  A CR or LF alone is a syntax error in a command, and in DATA the message is refused: 554 5.6.0.  For
	 * the network, where a client and a server that disagree about line ends can be made to smuggle messages. */
	SERVER_LINES_CRLF,
	/* For a local user, whose programs pass text through as they have it: in DATA, LF ends a line too, and a CR is
	 * content.  The message still ends with CRLF "." CRLF only. */
	SERVER_LINES_LOCAL,
	/* For files (batch SMTP): LF ends a line everywhere, and LF "." LF ends the message. */
	SERVER_LINES_TEXT
};

struct server_limits {
	size_t recipients; /* of a message; then 452 4.5.3 for each further one */
	size_t line;	 /* octets of a command with its line end; 500 5.5.2.  AUTH has 12,288 (RFC 4954): 500 5.5.6 */
	uint64_t header; /* octets; 552 5.3.4 */
	unsigned commands; /* of a session; 421 4.7.0 for the next one */
	unsigned errors; /* of a session; 421 4.7.0 instead of the reply to the next one.  Errors are 5xx replies of the
			  * session itself other than those about a recipient or a message, and refused logins */
};
#define SERVER_LIMITS_INIT ((struct server_limits){1000, 2048, 16u * 1024 * 1024, 10000, 20})

struct server_options {
	enum server_protocol protocol;
	enum server_lines lines;
	struct server_limits limits;
	const char *host_name; /* in the greeting and in the reply to EHLO; borrowed */
	/*
	 * What EHLO lists, with parameters; borrowed, may change between two steps.  Bits that have a meaning here:
	 * PIPELINING, 8BITMIME, BINARYMIME (needs CHUNKING), CHUNKING, SIZE (size_limit: larger messages get
	 * 552 5.3.4), DSN, SMTPUTF8, ENHANCEDSTATUSCODES, DELIVERBY (by_minimum), MT-PRIORITY (priorities),
	 * FUTURERELEASE (hold_seconds, hold_until), REQUIRETLS, STARTTLS, AUTH (auth: the mechanisms).  A parameter of
	 * MAIL or RCPT whose capability is not offered gets 555 5.5.4.
	 */
	const struct caps *offers;
	bool tls_active;     /* from the first octet on */
	bool auth_needs_tls; /* AUTH is listed, and taken, only while TLS is active (538 5.7.11) */
	/* All commands but EHLO, HELO, STARTTLS, AUTH, NOOP, RSET and QUIT get 530 5.7.0 until somebody has logged in
	 */
	bool login_needed;
	bool tls_needed; /* the same until TLS is active */
	bool no_hello;	 /* MAIL may come without EHLO (batch SMTP) */
	/* One line of the dialogue with secrets replaced by "<hidden>", not cleaned of control characters; or NULL. */
	void (*trace)(void *arg, bool from_client, struct span line);
	void *trace_arg;
};

enum server_want {
	SERVER_READ,
	SERVER_WRITE,
	SERVER_START_TLS,
	SERVER_SASL,
	SERVER_MAIL,
	SERVER_RCPT,
	SERVER_BODY,
	SERVER_MESSAGE,
	SERVER_CLOSE
};

enum server_sasl_event { SERVER_SASL_START, SERVER_SASL_RESPONSE };

struct server_recipient {
	char *address;	 /* as named, without brackets and source route; maybe without a domain */
	char *orcpt;	 /* ORCPT: the address in it, decoded; NULL: none, or of a type other than rfc822 and utf-8 */
	unsigned notify; /* enum dsn_notify bits */
};

/* The transaction under way. */
struct server_mail {
	/* sender.ascii is NULL: A-labels are up to the owner.  notify and dsn_required are not used. */
	struct mail_options options;
	bool has_size;
	uint64_t size; /* SIZE: what the client says; checked against the limit already */
	bool smtputf8; /* SMTPUTF8 was asked for; without it all addresses are ASCII */
	bool binary;   /* BODY=BINARYMIME; options.body is BODY_8BITMIME then */
	struct server_recipient *rcpts;
	size_t n, cap;
};

struct server_step {
	enum server_want want;
	struct span octets;		/* WRITE, BODY, SASL; borrowed until the next call */
	const struct server_mail *mail; /* MAIL, RCPT, BODY, MESSAGE; changes with the next call */
	size_t recipient;		/* RCPT; MESSAGE in LMTP */
	enum server_sasl_event event;	/* SASL */
	const char *mechanism;		/* SASL: in capitals, one that is offered */
	bool in_message;		/* READ: part of a message is missing */
};

struct server_session;
/* Greets at once. */
struct server_session *server_new(const struct server_options *options);
void server_free(struct server_session *s);

struct server_step server_step(struct server_session *s);
void server_feed(struct server_session *s, struct span octets);
void server_wrote(struct server_session *s, size_t n);
/* The client closed, or the stream failed: CLOSE is next.  What is part of a message is lost, as it has to be. */
void server_eof(struct server_session *s);
/* The client has been silent, or has not taken what we wrote, for as long as the owner allows: 421 4.4.2, CLOSE. */
void server_timeout(struct server_session *s);
/* Ends the session at any time, with 421 and these words ("4.3.5", "The configuration ..."); instead of the greeting if
 * that has not been written.  Not while an answer is wanted: then server_answer() with 421. */
void server_end(struct server_session *s, const char *enhanced, const char *text);
void server_tls_started(struct server_session *s);

/* enhanced "": none.  text may have several lines with '\n' between them; control characters become '?'. */
void server_answer(struct server_session *s, int code, const char *enhanced, const char *text);
/* 250 with the usual words for what was asked. */
void server_accept(struct server_session *s);
/* The octets of SERVER_BODY have been stored. */
void server_stored(struct server_session *s);
/* Wiped after it was written. */
void server_sasl_challenge(struct server_session *s, struct span challenge);
/* 235: the client has logged in. */
void server_sasl_done(struct server_session *s);

enum server_end {
	SERVER_OPEN,  /* it has not ended */
	SERVER_QUIT,  /* the client said so */
	SERVER_GONE,  /* server_eof() */
	SERVER_IDLE,  /* server_timeout() */
	SERVER_LIMIT, /* too many commands or errors */
	SERVER_ENDED  /* by the owner, with server_end() or 421 */
};
enum server_end server_ended(const struct server_session *s);
/* What the client called itself in EHLO, HELO or LHLO, cleaned; NULL: not yet. */
const char *server_client_name(const struct server_session *s);
bool server_tls_is_active(const struct server_session *s);
bool server_has_login(const struct server_session *s);
/* A transaction is under way: MAIL was accepted, and the message is not complete. */
bool server_in_transaction(const struct server_session *s);
/* Grows with every complete command, every octet of a message, and every octet written.  The time limit is restarted
 * only if this has grown, so that a client cannot extend it by sending a command octet by octet. */
uint64_t server_progress(const struct server_session *s);

#endif
