/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of a server session, shared by the files server_*.c.
 *
 * Input is appended to `in`, and taken from it piece by piece as the phase wants it: a command line, a line of a SASL
 * exchange, octets of a message.  Replies are appended to `out`.  While the owner is asked something (`asked`) nothing
 * is taken from the input, so that everything happens in the order in which the client sent it.
 */
#ifndef SMTP_SERVER_SERVER_PRIVATE_H
#define SMTP_SERVER_SERVER_PRIVATE_H

#include "smtp/server/server_session.h"

enum server_phase { PHASE_COMMAND, PHASE_SASL, PHASE_DATA, PHASE_CHUNK };

/* A reply that is given later. */
struct server_refusal {
	int code; /* 0: none */
	char enhanced[ENHANCED_MAX];
	char *text;
};

/* The message that is being read. */
struct server_body {
	enum { IN_LINE, AFTER_CR, START_CRLF, START_LF } at; /* where in a line: DATA */
	bool begun;					     /* BDAT has been seen, so only BDAT may follow */
	uint64_t octets;				     /* of the message so far */
	uint64_t header;				     /* of its header so far ... */
	unsigned line_ends;	       /* ... line ends without anything between them; 2: the header is over */
	struct server_refusal refusal; /* of the message */
	uint64_t chunk_left;	       /* CHUNK */
	uint64_t chunk_size;
	bool chunk_last;
	bool chunk_stray;		   /* it belongs to no message ... */
	struct server_refusal stray_reply; /* ... and gets this reply */
};

struct server_session {
	struct server_options options;
	enum server_phase phase;
	enum server_want asked; /* SERVER_READ: nothing */
	enum server_end end;	/* not OPEN: no more input is taken; CLOSE once everything is written */
	struct strbuf in, out;
	size_t taken, written; /* of in, of out */
	bool skipping;	       /* the rest of a line that is too long */
	bool wipe;	       /* out has a SASL challenge */
	bool greeted;	       /* a command has come, so the greeting was taken note of */

	bool hello, enhanced; /* EHLO, HELO or LHLO has been accepted; with enhanced codes */
	char *client_name;
	bool tls_active, has_login;
	unsigned commands, errors;
	uint64_t progress;

	struct server_mail mail;
	bool in_mail;	   /* MAIL was accepted */
	bool rcpt_refused; /* a recipient of this transaction was */
	size_t recipient;  /* that the owner is asked about */
	struct server_body body;
	struct span run; /* the octets of SERVER_BODY, in `in` */

	enum server_sasl_event sasl_event;
	char *mechanism;
	struct strbuf response; /* decoded; wiped */
	bool has_response;
};

/* ---- server_session.c ---- */
bool server_offers(const struct server_session *s, enum cap cap);
/* Forgets sender, recipients and message. */
void server_forget_mail(struct server_session *s);
/* Forgets everything that the client has told: before TLS it may have been somebody else. */
void server_forget_client(struct server_session *s);

/* ---- server_reply.c ---- */
/* Appends a reply; 421 ends the session. */
void server_reply(struct server_session *s, int code, const char *enhanced, const char *text);
/* The same for what is the client's fault; 421 instead if there were too many. */
void server_error(struct server_session *s, int code, const char *enhanced, const char *text);
/* For replies that are kept. */
void server_refusal_set(struct server_refusal *r, int code, const char *enhanced, const char *text);
void server_refusal_release(struct server_refusal *r);

/* ---- server_command.c ---- */
/* One command line without its line end. */
void server_command(struct server_session *s, struct span line);

/* ---- server_mail.c ---- */
void server_mail_command(struct server_session *s, struct span arguments);
void server_rcpt_command(struct server_session *s, struct span arguments);

/* ---- server_params.c: the parameters of MAIL and RCPT ---- */
/* False: the reply has been given. */
bool server_params_mail(struct server_session *s, struct span text, struct server_mail *mail);
bool server_params_rcpt(struct server_session *s, struct span text, struct server_recipient *rcpt);

/* ---- server_auth.c ---- */
void server_auth_command(struct server_session *s, struct span arguments);
/* The mechanism of this name, if it is offered; or NULL. */
const char *server_auth_mechanism(const struct server_session *s, struct span name);
/* A line of the client within the exchange. */
void server_auth_response(struct server_session *s, struct span line);

/* ---- server_body.c ---- */
void server_data_command(struct server_session *s, struct span arguments);
void server_bdat_command(struct server_session *s, struct span arguments);
/* Takes octets of the message from the input; false: more are needed. */
bool server_body_take(struct server_session *s);
/* The owner has, or has refused, the octets it was given. */
void server_body_taken(struct server_session *s);

#endif
