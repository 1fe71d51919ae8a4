/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of a session, shared by session*.c (the machine) and states_*.c
 * (what is said to the server, and what its replies mean).
 *
 * A state is a row of constants and functions.  A position is a state and its
 * argument: for RCPT, which recipient.  The engine works with two cursors over
 * one sequence of commands: `next` is the position the sending side has
 * reached, and the flight holds the replies still pending, oldest first.
 * Sending runs ahead of the replies as far as the states allow.
 *
 * It may run ahead into further submissions (session_ahead.c).  They lie in a ring.  session.submitted is the one that
 * the function which runs now is about: while a reply is evaluated, the one whose command it answers, else the one that
 * the sending side is at.
 */
#ifndef SMTP_CLIENT_SESSION_PRIVATE_H
#define SMTP_CLIENT_SESSION_PRIVATE_H

#include "smtp/client/flight.h"
#include "smtp/client/rcpt_batch.h"
#include "smtp/client/reply_policy.h"
#include "smtp/client/session.h"

struct position {
	const struct state *state; /* NULL: none */
	size_t arg;
};
#define POSITION(s) ((struct position){&(s), 0})
#define POSITION_AT(s, i) ((struct position){&(s), (i)})
/* As a return value: the sending side stays where it is. */
#define POSITION_STAY ((struct position){NULL, 0})

enum send_decision { SEND_NOW, SEND_WAIT, SEND_SKIP };

struct state {
	const char *name;
	const char *activity; /* N_() text for the user: "waiting for the greeting" */
	enum timeout_class timeout;
	enum session_want want; /* SESSION_WRITE: a command; else what the caller is asked for */
	bool may_pipeline;	/* another command may follow in the same group (RFC 2920 section 3.1) */
	bool may_pipeconnect;	/* under remembered capabilities the first command or group may follow this one */
	bool secret;		/* the command holds a secret */
	bool ends_in_command;	/* whatever the reply means, the server waits for another command, so QUIT is one */
	/* WAIT: not before the pending replies are in.  SKIP: do not send, go on with after().  NULL: SEND_NOW. */
	enum send_decision (*ready)(struct session *s, size_t arg);
	bool (*build)(struct session *s, size_t arg, struct strbuf *out, struct error *err);
	/* The next position, which does not wait for the reply.  NULL, or STAY: the reply decides. */
	struct position (*after)(struct session *s, size_t arg);
	/* Evaluates the reply and returns the next position, or STAY.  NULL: no reply is waited for. */
	struct position (*on_reply)(struct session *s, size_t arg, const struct reply *reply);
};

/* The reply that is being received. */
struct incoming {
	struct reply_parser parser;
	bool unasked;  /* it began before a command that it could answer was written ... */
	bool in_body;  /* ... while the message was being written by DATA ... */
	bool in_chunk; /* ... before all octets of the chunk that it answers were written */
};

struct session_auth {
	bool done;
	bool cancelled; /* we sent "*", and session.error says why ... */
	bool gives_way; /* ... and another mechanism is tried next */
	enum sasl_event event;
	char *mech;
	struct strbuf response; /* raw, waiting to be sent; wiped */
	bool has_response;
	bool apart;		 /* an initial response is not part of the command */
	struct strbuf challenge; /* decoded */
	struct reply refusal;	 /* of the mechanism tried before ... */
	bool refused;		 /* ... if it was refused */
	bool renewable;		 /* session_sasl_renewable() */
};

struct session_pipeconnect {
	bool unconfirmed; /* caps are the remembered ones, and the server has not listed them again yet */
	bool auth_sent;	  /* AUTH was sent while they were unconfirmed */
	bool stale;	  /* session_stale() */
};

/* The mail transaction under way; a message may need several of them. */
struct transaction {
	size_t accepted, refused; /* recipients, at RCPT */
	bool mail_refused;
	bool body_running;  /* by DATA: 354 has come, and the message is not written in full */
	bool body_finished; /* the message is written in full, by DATA or by BDAT */
	bool ahead;	    /* it was begun before the replies to an earlier message were in */
};

/* The message of that transaction when it is sent by BDAT. */
struct bdat {
	uint64_t unannounced; /* octets of the message not in any chunk yet */
	uint64_t chunk_left;  /* octets of the current chunk not written yet */
	size_t begun;	      /* chunks announced ... */
	size_t pending;	      /* ... and of them those without a reply */
	bool last;	      /* the current chunk is the last one */
	bool answered;	      /* the reply to it came before all of it was written */
	bool refused;	      /* no further chunk is sent */
};

/* What was passed to session_submit(), _verify() or _etrn(), and what came of it. */
struct submitted {
	const struct mail_transaction *mail; /* NULL: ETRN */
	const char *etrn;		     /* borrowed until its reply is in */
	bool verifying;			     /* the transaction ends with RSET instead of a message */
	bool under_way;			     /* some outcomes may be open */
	size_t pending;			     /* replies to its commands (for the first one, also to those before) */
	struct transaction transaction;
	struct bdat bdat;
	struct negotiated negotiated;
	struct rcpt_batch batch; /* the argument of state_rcpt and state_verdict is a position in it */
	struct outcome *outcomes;
	size_t n;
	unsigned unkept;    /* session_unkept(), unless a recipient may have the message */
	struct error error; /* session_submission_error() */
	struct reply final_reply;
	bool has_final_reply;
};

struct session {
	struct session_options options;
	enum session_phase phase;
	bool tls_active;
	bool greeted; /* session_greeted() */
	bool closed;  /* nothing more is written */
	char *greeting;
	struct caps caps;
	struct caps first_caps; /* caps as they were before EHLO was repeated after AUTH ... */
	bool has_first_caps;	/* ... if it was */
	struct error error;	/* kind NONE: the session has not failed */

	struct position next; /* state NULL: the next reply decides */
	struct flight flight;
	struct incoming incoming;
	uint64_t replies; /* received in full */

	unsigned ignored_later; /* of options.ignore: since session_ignore() */
	bool ehlo_again;	/* EHLO was sent after AUTH */
	bool lost_login;	/* session_lost_login(), unless a recipient may have the message */
	struct session_auth auth;
	struct session_pipeconnect pipeconnect;

	struct submitted *submitted; /* see above */
	struct submitted *ring;	     /* number k is ring[k % room] */
	size_t room;		     /* in it */
	size_t shown, begun;	     /* numbers: of the one whose result is shown, and of the next one */
	bool proven;		     /* a message was accepted in this session */
	bool one_by_one;	     /* nothing is sent ahead any more */
	uint64_t transactions;	     /* MAIL commands sent in this session */
	struct strvec domains;	     /* of recipients, named in this session: see rcpt_batch.h */
	unsigned messages;	     /* times a message was to be sent: session_step.message */
	bool needs_rset;	     /* RSET must come before the next MAIL ... */
	bool rset_pending;	     /* ... was sent and is not answered */
};

/* session.c */
/* The one function that moves the sending side; does nothing for POSITION_STAY. */
void session_enter_state(struct session *s, struct position position);
/* The sending side has nothing to do until a reply moves it. */
void session_await_reply(struct session *s);
/* Number of replies pending. */
size_t session_pending(const struct session *s);
/* The state whose reply is due next, or NULL. */
const struct state *session_pending_state(const struct session *s);

/* The server owes a reply to what has been queued for session.submitted. */
void session_expect(struct session *s, const struct state *state, size_t arg);

/* session_ahead.c */
void session_ahead_init(struct session *s);
void session_ahead_release(struct session *s);
struct submitted *session_ahead_number(const struct session *s, size_t number);
/* The sending side is at session.submitted, and not at a later one. */
bool session_ahead_is_sending(const struct session *s);
/* The next submission is session.submitted then.  When READY, the results before are forgotten. */
void session_ahead_begin(struct session *s);
/* RSET must come before the transaction that is about to begin. */
bool session_ahead_needs_rset(const struct session *s);
/* Where to go with a submission that was made before the replies to earlier ones are in. */
struct position session_ahead_submit(struct session *s);
/* The session ends: every submission that has recipients without an outcome gets them. */
void session_ahead_abandon(struct session *s, const struct error *err);

/* session_trace.c: the dialogue for session_options.trace, secrets hidden */
void session_trace_command(const struct session *s, const struct state *state, struct span line);
void session_trace_reply(const struct session *s, const struct state *state, const struct reply *reply);

/* session_failure.c */
/* Ends the session for a reason, with QUIT if politely; err is moved. */
struct position session_fail(struct session *s, struct error *err, bool politely);
/* The same for a reply that is a failure at this stage. */
struct position session_fail_reply(struct session *s, enum reply_stage stage, const struct reply *reply);
/* The same for a reply that no command asked for. */
struct position session_fail_unasked(struct session *s, const struct reply *reply);
struct position session_fail_421(struct session *s, const struct reply *reply);
/* The server sent something that is not SMTP; err is moved. */
struct position session_fail_malformed(struct session *s, struct error *err);
/* Plain text followed the reply to STARTTLS. */
struct position session_fail_injected(struct session *s);

/* states_connect.c */
extern const struct state state_greeting, state_ehlo;
bool states_connect_build_ehlo(struct session *s, size_t arg, struct strbuf *out, struct error *err);
/* Where to go once the capabilities are known. */
struct position states_connect_capable(struct session *s);

/* Takes what the reply to EHLO lists. */
void states_connect_learn(struct session *s, const struct reply *reply);

/* states_check.c */
/* A session that another process has used: it is READY. */
void states_check_go_on(struct session *s, const struct session_kept *kept);
struct position states_check_begin(struct session *s);

/* states_auth.c */
struct position states_auth_begin(struct session *s);

/* states_pipeconnect.c */
void states_pipeconnect_begin(struct session *s);
/* The reply to an EHLO sent under remembered capabilities: does it list the same? */
struct position states_pipeconnect_ehlo(struct session *s, const struct reply *reply);
/* Ends a session whose remembered capabilities turned out to be wrong; reply may be NULL. */
struct position states_pipeconnect_stale(struct session *s, const struct reply *reply);
struct position states_pipeconnect_submit(struct session *s);

/* states_quit.c */
extern const struct state state_ready, state_quit, state_close;

/* states_mail.c */
struct position states_mail_begin(struct session *s);
/* The session ends while outcomes may be open: sets them. */
void states_mail_abandon(struct session *s, const struct error *err);
/* The capabilities allow the message for all its recipients. */
bool states_mail_allowed(const struct session *s);
/* A transaction is over: begins the next one if recipients wait for it, else READY. */
struct position states_mail_finish(struct session *s);
/* Gives this outcome to every recipient whose outcome is open ... */
void states_mail_settle(struct session *s, const struct error *err);
/* ... and keeps the error as the submission's; err is moved. */
void states_mail_failed(struct session *s, struct error *err);
/* The server has accepted the message after it had refused the sender: who has it is unknown. */
void states_mail_contradicted(struct session *s, const struct reply *reply);
/* Names a recipient as the stage of an error that is about it alone. */
void states_mail_name_recipient(const struct session *s, size_t recipient, struct error *err);
/* The first position, from this one on, whose recipient is in the transaction under way and has no outcome yet;
 * batch.next: none. */
size_t states_mail_next_open(const struct session *s, size_t position);
/* Keeps the reply for session_final_reply(). */
void states_mail_keep_final(struct session *s, const struct reply *reply);
/* ready() and after() of the command that opens the message, DATA or the first BDAT: it is sent with the recipients
 * unless the replies to them are needed first, and skipped if no recipient was accepted. */
enum send_decision states_mail_transfer_ready(struct session *s, size_t arg);
struct position states_mail_transfer_skipped(struct session *s, size_t arg);

/* states_data.c */
extern const struct state state_data, state_verdict;
/* The final reply applies to the recipient at this position (LMTP), or to all of the transaction. */
void states_data_verdict(struct session *s, size_t position, const struct reply *reply);
/* A reply came while the message was being written. */
struct position states_data_interrupted(struct session *s, const struct reply *reply);

/* states_bdat.c */
extern const struct state state_bdat, state_chunk;
bool states_bdat_in_chunk(const struct session *s);
/* The message is being sent: within a chunk, or between two. */
bool states_bdat_under_way(const struct session *s);
struct position states_bdat_wrote(struct session *s, size_t n);

/* states_verify.c */
extern const struct state state_take_back;

/* states_etrn.c */
struct position states_etrn_begin(struct session *s);

#endif
