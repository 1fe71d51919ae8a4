/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_SESSION_H
#define SINK_SESSION_H

#include "sink_body.h"
#include "sink_conn.h"
#include "sink_extensions.h"
#include "sink_parameters.h"
#include "sink_store.h"
#include "sink_tls.h"

#include <stdatomic.h>
#include <stdnoreturn.h>

struct recipient {
	char *address;
	char *params;
	int code; /* our reply; LMTP: finally the one after the data */
};

/* From MAIL to the end of the message or RSET. */
struct transaction {
	bool open;	   /* MAIL was accepted */
	bool mail_refused; /* MAIL was refused: what was pipelined after it fails without blame */
	bool rcpt_refused;
	char *from;
	char *from_params;
	struct parameters params;
	struct recipient *rcpt;
	size_t rcpt_count, accepted;

	bool bdat;	  /* a BDAT was accepted */
	bool bdat_failed; /* RFC 3030 section 2: only RSET helps now */
	uint64_t *chunks;
	size_t chunk_count;
	struct body body;
	uint64_t wire; /* octets of the message seen on the wire, for body:N */
	bool answered_early;
	uint64_t reads, records; /* of the connection, before MAIL */
};

/* One connection's SMTP or LMTP dialogue. */
struct session {
	const struct options *opt;
	struct tls_context *tls_context;
	struct conn *conn;
	const struct log *log;
	atomic_uint *message_count; /* shared by all connections */

	struct buf line;	/* the command, without its CRLF */
	const char *hello_verb; /* NULL until EHLO, HELO or LHLO was accepted */
	char *hello;
	unsigned hello_count;
	struct extensions shown; /* what the last EHLO reply advertised */
	bool starttls_done;
	bool early_licensed; /* PIPECONNECT is what this server shows */
	bool early;	     /* the client spoke before the greeting, as it allows */
	char *auth_user;     /* NULL until authenticated */
	char *auth_mechanism;
	const char *auth_binding;
	bool scripted;	  /* a fault was played: what the client does next is not checked as strictly */
	bool turned_away; /* the greeting was not 220 */
	bool quit;

	unsigned mail_count; /* transactions begun */
	char **domains;	     /* of the recipients accepted in this session, each once, from their "@" on */
	size_t domain_count;
	struct transaction tx;
	struct store store;
};

/* Hold the dialogue until its end and close the connection. */
noreturn void session_run(struct session *s);

/* ---- for the files that implement commands ---- */

/* End this connection's process. */
noreturn void session_end(struct session *s, bool linger);
/* Play --hang and --close of a stage, neither of which returns. */
void session_stage(struct session *s, const char *stage, const char *detail);
/*
 * Answer.  The usual reply is code, enhanced status (NULL: none; shown only
 * when ENHANCEDSTATUSCODES was advertised) and text; --reply, --drip, --hang
 * and --close of the stage apply.  Returns the code that was really sent.
 */
int session_reply(struct session *s, const char *stage, const char *detail, int code, const char *enhanced,
		  const char *text);
/* The same in two steps, for when the code is needed before it is sent. */
struct answer {
	const struct script_rule *rule; /* NULL: the usual reply */
	int code;
};
struct answer session_choose(struct session *s, const char *stage, const char *detail, int code);
int session_send(struct session *s, const char *stage, const char *detail, struct answer a, const char *enhanced,
		 const char *text);
/* Send lines that are complete with codes and CRLF; --reply is not looked at. */
int session_send_lines(struct session *s, const char *stage, const char *detail, const struct buf *lines);
/* Record a violation and quote the command. */
void session_blame(struct session *s, const char *what);
/* Call before answering a command that must end a pipelined group: blames input that is already there. */
void session_sync(struct session *s, const char *after);
/* Read a line into s->line and the transcript; false when it was unusable and has been answered.  Ends at end of input.
 */
bool session_read(struct session *s, size_t limit);
/* Forget the transaction. */
void session_reset(struct session *s);
/* Forget who said EHLO, what was shown and who is authenticated. */
void session_forget(struct session *s);
bool session_shows(const struct session *s, const char *keyword);

/* Commands: arg is what follows the verb and its blank, "" when nothing does. */
void command_hello(struct session *s, const char *verb, const char *arg);
void command_starttls(struct session *s, const char *arg);
void command_auth(struct session *s, const char *arg);
void command_mail(struct session *s, const char *arg);
void command_rcpt(struct session *s, const char *arg);
void command_data(struct session *s, const char *arg);
void command_bdat(struct session *s, const char *arg);

/*
 * The envelope as one JSON object:
 *   id, connection, peer, protocol (SMTP, ESMTP, LMTP), ehlo,
 *   mail_from, mail_params (as they came), rcpt [{address, params, code}],
 *   auth null or {user, mechanism, channel_binding (null: none)},
 *   tls null or {version, cipher, sni, client_subject, starttls},
 *   transfer (DATA, BDAT), chunks (sizes of BDAT), body (null: not declared),
 *   size, longest_line, reads and tls_records (from the one that brought MAIL
 *   to the one that brought the message's last octet).
 */
void report_envelope(const struct session *s, const char *transfer, unsigned number, struct buf *json);

#endif
