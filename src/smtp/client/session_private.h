/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The inside of a session, shared by session.c (the machine), states_connect.c
 * (greeting to AUTH), states_early.c (the same ahead of the greeting) and
 * states_mail.c (transactions, QUIT).
 *
 * A state is a row.  place = row + index (a recipient's number).  `next` is
 * the place the sending side has reached; `expected` the replies still due,
 * oldest first: two cursors over one queue of commands, the sending one ahead
 * by as much as the rows allow.
 */
#ifndef SMTP_CLIENT_SESSION_PRIVATE_H
#define SMTP_CLIENT_SESSION_PRIVATE_H

#include "smtp/client/reply_policy.h"
#include "smtp/client/session.h"
#include "smtp/client/rcpt_batch.h"

struct state;
struct position {
	const struct state *row; /* NULL: stay / nothing */
	size_t arg;
};
#define PLACE(r) ((struct position){&(r), 0})
#define PLACE_AT(r, i) ((struct position){&(r), (i)})
#define PLACE_STAY ((struct position){NULL, 0})

enum state_ready { ROW_SEND, ROW_WAIT, ROW_SKIP };

struct state {
	const char *name;
	const char *doing; /* N_() text for the user */
	enum timeout_class timeout;
	enum session_want want; /* SESSION_WRITE: a command; else what is wanted here */
	bool may_pipeline;	/* another command may follow in the same group (RFC 2920 section 3.1) */
	bool early;		/* under remembered capabilities the first command or group rides behind it */
	bool secret;
	/* WAIT: not before the replies due are in; SKIP: go to after() without sending.  NULL: SEND. */
	enum state_ready (*ready)(struct session *s, size_t arg);
	bool (*build)(struct session *s, size_t arg, struct strbuf *out, struct error *err);
	/* The next place without waiting for the reply; row NULL: the verdict decides. */
	struct position (*after)(struct session *s, size_t arg);
	/* Judges; a place other than STAY becomes the next one. */
	struct position (*on_reply)(struct session *s, size_t arg, const struct reply *reply);
};

struct due {
	const struct state *row;
	size_t arg;
	uint64_t end; /* position in the stream of octets written where the command ends */
};

struct session {
	struct session_options options;
	struct caps caps;
	struct caps first_caps; /* as they were before EHLO was said again after AUTH ... */
	bool has_first_caps;	/* ... if it was */
	struct reply_parser parser;
	char *greeting;

	struct strbuf out;     /* octets to write */
	size_t out_sent;       /* of them written */
	uint64_t queued;       /* all octets ever put into out ... */
	uint64_t written;      /* ... and written */
	uint64_t replies;      /* taken so far */
	uint64_t body_written; /* octets of messages */
	bool out_secret;
	bool reply_unasked;  /* the reply being received began before a command asked for it was written ... */
	bool reply_in_body;  /* ... and while the message was being written */
	bool reply_in_chunk; /* ... or before the octets of the BDAT it answers were */

	struct position next;
	const struct state *last_sent; /* decides whether another may ride behind it */
	struct due *due;	       /* ring */
	size_t due_first, due_n, due_cap;

	bool tls_active, greeted;
	bool early;	 /* caps are the remembered ones, which the server has not confirmed */
	bool auth_early; /* AUTH went out under them */
	bool stale;
	enum session_phase phase;
	struct error error; /* kind NONE: the session is well */
	bool closed;	    /* nothing more can be written */

	/* authentication */
	bool authenticated;
	bool sasl_started;
	bool sasl_cancelled;
	enum sasl_event sasl_event;
	struct strbuf sasl_out; /* raw response waiting to be written; wiped */
	bool sasl_has_out;
	char *sasl_mech;
	struct strbuf sasl_challenge;
	struct reply sasl_refusal;
	bool sasl_refused;

	/* transaction */
	const struct mail_transaction *sub;
	struct negotiated terms;
	struct outcome *outcomes;
	size_t outcomes_n;
	struct rcpt_batch split;  /* RCPT's argument is a position of it */
	bool verifying;		  /* it is taken back with RSET */
	uint64_t transactions;	  /* begun in this session, and */
	unsigned messages;	  /* times a message was to be sent */
	size_t accepted, refused; /* at RCPT, in the transaction under way */
	bool mail_refused, body_running, body_finished, in_transaction, needs_rset;
	bool rset_due;	     /* RSET is sent and not answered */
	uint64_t bdat_left;  /* BDAT: octets no chunk was announced for yet */
	uint64_t chunk_left; /* of the chunk under way, not written yet */
	size_t chunks_begun; /* chunks announced in this transaction ... */
	size_t chunks_out;   /* ... and of them without an answer */
	bool chunk_last, chunk_refused, chunk_answered;
	struct error sub_error;
	struct reply final_reply;
	bool has_final;
	const char *etrn; /* borrowed until its reply is in */
};

/* session.c */
void session_trace(struct session *s, bool from_server, struct span line);
/* Ends the session for a reason; politely = QUIT first.  err is moved. */
struct position session_fail(struct session *s, struct error *err, bool politely);
/* The same from a reply that is the failure of its stage. */
struct position session_fail_reply(struct session *s, enum reply_stage stage, const struct reply *reply);
size_t session_due(const struct session *s);
void session_expect(struct session *s, const struct state *row, size_t arg);

/* Forgets the last transaction for one with sub (NULL: no recipients). */
void session_begin(struct session *s, const struct mail_transaction *sub);

/* states_connect.c */
extern const struct state state_greeting, state_ehlo;
/* Where to go once the capabilities are known. */
struct position states_connect_capable(struct session *s);

/* states_early.c: sending under remembered capabilities */
void states_pipeconnect_begin(struct session *s);
/* The answer to an EHLO sent early: is the list the same? */
struct position states_pipeconnect_ehlo(struct session *s, const struct reply *reply);
/* Ends a session whose remembered capabilities do not hold; reply may be NULL. */
struct position states_pipeconnect_stale(struct session *s, const struct reply *reply);
struct position states_pipeconnect_submit(struct session *s);

/* states_quit.c */
extern const struct state state_ready, state_quit, state_close;
/* states_mail.c */
struct position states_mail_begin(struct session *s);
/* The session ends with open outcomes: judge them. */
void states_mail_abandon(struct session *s, const struct error *err);
/* A transaction is over: the next one if recipients wait, else READY; then every outcome is settled. */
struct position states_mail_finish(struct session *s);
/* Gives every recipient without a verdict this one ... */
void states_mail_settle(struct session *s, const struct error *err);
/* The first position from this one on whose recipient takes part in the transaction under way and has no verdict yet;
 * split.next: none. */
size_t states_mail_next_open(const struct session *s, size_t position);
/* ... and keeps it as the submission's; err is moved. */
void states_mail_failed(struct session *s, struct error *err);
/* Names a recipient as the stage of an error that is about it alone. */
void states_mail_name_recipient(const struct session *s, size_t recipient, struct error *err);
/* Keeps the reply for session_final_reply(). */
void states_mail_keep_final(struct session *s, const struct reply *reply);
/* ready() and after() of what opens the message, DATA or the first BDAT: it rides with
 * the recipients unless their verdict is needed first; left out when nobody receives. */
enum state_ready states_mail_transfer_ready(struct session *s, size_t arg);
struct position states_mail_transfer_skipped(struct session *s, size_t arg);

/* states_data.c */
extern const struct state state_data, state_verdict;
/* The verdict on the message for the recipient at this position (LMTP), or for all of the transaction. */
void states_data_verdict(struct session *s, size_t position, const struct reply *reply);
/* A reply came while the message was being written. */
struct position states_data_early_reply(struct session *s, const struct reply *reply);

/* states_bdat.c */
extern const struct state state_bdat, state_chunk;
bool states_bdat_in_chunk(const struct session *s);
/* The message is going out: within a chunk, or between two. */
bool states_bdat_under_way(const struct session *s);
struct position states_bdat_wrote(struct session *s, size_t n);

/* states_verify.c, states_etrn.c */
extern const struct state state_taken_back;
struct position states_etrn_begin(struct session *s);

#endif
