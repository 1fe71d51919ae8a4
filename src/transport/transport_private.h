/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of a transport, shared by transport.c (one message after the
 * other), transport_post.c (several under way), server_attempt.c (one server, and the next one if it fails),
 * port_mode.c (servers that wait for something else than we do),
 * transport_session.c (what a session is used for), transport_kept.c (sessions
 * of other processes) and transport_result.c (what is reported of it).
 */
#ifndef TRANSPORT_TRANSPORT_PRIVATE_H
#define TRANSPORT_TRANSPORT_PRIVATE_H

#include "secret/redactor.h"
#include "transport/adapt.h"
#include "transport/authenticate.h"
#include "transport/connect.h"
#include "transport/keeper_link.h"
#include "transport/oauth_account.h"
#include "transport/pipeconnect.h"
#include "transport/remaining.h"
#include "transport/session_driver.h"
#include "transport/transport.h"

/* What is not used of a server's offer, because it did not keep it. */
struct broken_promises {
	unsigned ignored; /* enum cap bits, with those that the account ignores ... */
	unsigned learned; /* ... of them those that the server refused in this process, if that is not remembered yet */
	bool one_ehlo;	  /* EHLO is not repeated after AUTH */
};

struct transport {
	struct delivery_request request; /* its task is the one being performed */
	struct delivery_result *result;	 /* of that task */
	msec_t deadline;		 /* for that task */
	void (*meanwhile)(void *arg);	 /* transport_use_waiting() */
	void *meanwhile_arg;

	struct secret password;
	const char *password_from;   /* name of its source */
	struct oauth_account *oauth; /* the account logs in by OAuth2, and password is its access token; else NULL */
	struct redactor redactor;    /* hides it where the server repeats it */
	struct strvec helper_words;  /* what helpers wrote to standard error when asked for it */
	struct authenticator authenticator;

	struct keeper_link keeper;
	bool worth_keeping; /* the last message succeeded, and the server does not want fewer sessions */
	struct server_list servers;
	const struct server *server; /* the one in use, or being tried */
	struct pipeconnect pipeconnect;
	struct connect_target target; /* of server */
	struct connect_request connect_request;
	struct stream_silence silence; /* of connection */
	struct connection connection;
	char *local_name; /* in the session's EHLO; NULL: another process sent that */
	struct session *session;
	struct session_driver driver;
	struct broken_promises broken;
	unsigned needs_asked;	/* enum cap bits for which the session may have repeated EHLO */
	unsigned messages_sent; /* over this connection */
	const char *mech;	/* the session was authenticated with it, or NULL */

	struct {
		struct posted *first, *last;
		struct posted *flying; /* the first one that is under way */
		unsigned unkept;       /* enum cap bits that the session is not to use any more */
	} posted;

	struct mail_transaction mail;	/* the message as it is, or the addresses to verify */
	struct adapted_message adapted; /* the message as this server can accept it */
	struct remaining remaining;	/* recipients that need a further session */
	bool resubmitted;		/* in this session, without what the server had refused */
	bool submitted;			/* the session was given the message, so its submission results are about it */
};

/* Passes what happens besides the dialogue to request.note, with the password hidden. */
void transport_note(const struct transport *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The message to send; NULL if the task is another one. */
const struct delivery_message *transport_message(const struct transport *t);
/* The session is to authenticate. */
bool transport_wants_auth(const struct transport *t);
/* The get() of a struct tls_key_pin; arg is the transport. */
bool transport_key_pin(void *arg, struct secret *out, struct error *err);
/* Reports the next stage to request.progress, unless another server may still be tried. */
void transport_report_progress(struct transport *t, enum delivery_stage next);

/* Before and after a task, whose result is t->result. */
void transport_begin_task(struct transport *t, const struct delivery_task *task, struct delivery_result *result);
void transport_finish(struct transport *t, msec_t start);
/* The server had ended the session before it accepted anything of this message, or requires another session for all
 * recipients. */
bool transport_nothing_accepted(const struct transport *t);
/* The recipients of the last attempt have no outcome any more: they are tried again. */
void transport_reopen_outcomes(struct transport *t);

/* server_attempt.c */
/* Sends the message to the account's servers, one after the other, until one has accepted our greeting. */
void server_attempt_all(struct transport *t);
/* What failed in the session of an earlier message may succeed with another host of the account. */
bool server_attempt_other_host(const struct transport *t);
/* Sends what recipients are left (LIMITS MAILMAX) in further sessions with the same server. */
void server_attempt_remaining(struct transport *t);
/* Ends the session, and clears what it left in the result. */
void server_attempt_forget(struct transport *t);

/* port_mode.c */
/* What to do if the server of the next connection says nothing: see whether it begins with TLS where the account (or
 * the record that named the server) begins in plain text, or the other way round. */
struct stream_silence *port_mode_watch(struct transport *t);

/* transport_session.c */
void transport_session_init(struct transport *t);
/* Starts a session on the connection. */
void transport_session_begin(struct transport *t);
/* The same with a session that another process used before. */
void transport_session_go_on(struct transport *t, const struct session_kept *kept);
/* Does what the request asks for, and puts what came of it into the result unless the session is stale. */
void transport_session_use(struct transport *t);
/* Adapts the message to the server, calls ready() and submits it to these recipients, or to all if none were collected.
 * False with t->result->error: it cannot be sent. */
bool transport_session_submit(struct transport *t, struct adapted_message *m, struct remaining *remaining);
/* A new session would not get more capabilities for t->mail. */
bool transport_session_suits(const struct transport *t);
/* The session of an earlier message is ready, and a new one would not get more capabilities for this message. */
bool transport_session_reusable(struct transport *t);
/* transport_session_use() for a further message. */
void transport_session_reuse(struct transport *t);
/* Ends it with QUIT, and the connection with it. */
void transport_session_end(struct transport *t);
/* The same without a word to the server. */
void transport_session_drop(struct transport *t);

/* transport_kept.c */
/* Takes the session that an earlier process left open for such messages, if there is one and it is alive. */
void transport_kept_take(struct transport *t);
/* After a task: may its session be left open? */
void transport_kept_note(struct transport *t);
/* Leaves the session to later processes; false: it is to be ended here. */
bool transport_kept_give(struct transport *t);
/* The session has had as many messages as one may have. */
bool transport_kept_is_worn(const struct transport *t);

/* broken_promises.c */
/* Another server is tried, or the same one in a further round: starts with what the account and earlier sessions say.
 */
void broken_promises_begin(struct transport *t);
/* The server refused these (enum cap bits), which it offers, and nobody has the message. */
void broken_promises_learn(struct transport *t, unsigned unkept);
/* After a session: the task has to be done once more in a new one, without what the server did not keep.  At most a few
 * times. */
bool broken_promises_again(struct transport *t);
/* Remembers what was learned if the message was accepted without it. */
void broken_promises_keep(struct transport *t);

/* transport_result.c */
void transport_result_begin(struct transport *t, struct delivery_result *result);
void transport_result_server(struct transport *t);
void transport_result_connection(struct transport *t);
void transport_result_session(struct transport *t);
/* Clears what the attempt at one server left. */
void transport_result_clear(struct delivery_result *result);

#endif
