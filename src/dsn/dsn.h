/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report: tells a sender what became of his message: multipart/report with
 * our words, the same for programs, and the message or its header (RFC 3461
 * section 6, RFC 3464, RFC 6522, RFC 3834 for Auto-Submitted).
 *
 * Pure apart from the temporary file behind a big source; memory does not grow
 * with the message.  Everything foreign (the server's words, header fields, addresses) is
 * taken as hostile: it can add no line, no field and no part.
 *
 * Addresses and texts that are not ASCII: our part is UTF-8 in quoted-printable;
 * delivery-status stays message/delivery-status, with "utf-8" addresses in the
 * 7-bit form of RFC 6533 section 3, so every server can take it; an original
 * with raw UTF-8 in its header goes as message/global (or -headers), which old
 * readers show as an attachment.  Only a sender's address that is not ASCII
 * makes the report itself need SMTPUTF8.
 */
#ifndef DSN_DSN_H
#define DSN_DSN_H

#include "base/clock.h"
#include "address/envelope.h"
#include "message/message.h"

/* What happened to a recipient. */
enum report_action {
	REPORT_FAILED,	/* no copy was delivered, as far as we know */
	REPORT_DELAYED, /* not yet; tried on until will_retry_until */
	REPORT_RELAYED	/* given to a server that makes no reports of its own (RFC 3461 section 5.2.2) */
};

struct dsn_recipient {
	const char *address; /* the one delivered to */
	const char *orcpt;   /* the original one, if the message named it; or NULL */
	enum report_action action;
	bool possible_duplicate; /* an attempt ended without the server's verdict: a copy may have come through */
	int code;		 /* of the server's reply, or 0 */
	const char *enhanced;	 /* the server's, "" or NULL: derived from code, kind and action */
	enum error_kind error;	 /* for deriving, and ERROR_NONE if there was none */
	const char *text;	 /* our words, or NULL */
	const char *server;	 /* the server's words, or NULL: then there is no Diagnostic-Code */
	const char *host;	 /* Remote-MTA: who said it, or NULL */
	int64_t last_attempt;	 /* or 0 */
};

/* Everything borrowed. */
struct dsn {
	const char *from_address;      /* of the report's From; many servers take only the account's own address.  NULL:
					  MAILER-DAEMON at reporting_mta */
	const char *reporting_mta;     /* this host's name */
	const struct mail_address *to; /* the sender of the message; never the null sender */
	const char *queue_id;	       /* or NULL */
	const char *envid;	       /* plain text, or NULL */
	const char *message_id;	       /* of the original, with brackets, or NULL */
	const char *subject;	       /* of the original, raw value, or NULL */
	int64_t arrival;
	int64_t now;
	int64_t will_retry_until;	   /* for DELAYED; or 0 */
	const struct dsn_recipient *rcpts; /* at least one; all are told */
	size_t n;
	enum dsn_ret ret;   /* FULL: all of the original; else its header.  Only a report of failure has the whole
			     * message (RFC 3461 section 4.3), and only one whose lines mail can carry */
	bool require_tls;   /* the original asked for it: header only, and the report asks, too (RFC 8689 section 5) */
	struct span header; /* of the original as it goes out: CRLF line ends, with the empty line */
	const struct source *body;	 /* of the original */
	const struct message_info *info; /* of the original */
	const struct rng *rng;
	int (*open_temp)(struct error *err); /* for the body made here, as source_init() */
};

/* A report ready to go: what struct delivery_message wants. */
struct dsn_message {
	struct envelope env;	/* null sender, one recipient */
	struct strbuf header;	/* CRLF line ends, with the empty line */
	struct message message; /* body and facts */
	char *message_id;
};
void dsn_message_release(struct dsn_message *made);
/* made must be zero; nothing to release on failure, which comes from reading the original or writing the temporary
 * file. */
bool dsn_make(const struct dsn *report, struct dsn_message *made, struct error *err) MUST_CHECK;

/*
 * The RFC 3463 code for a recipient: the server's own if its class fits the action, else derived: from the
 * reply's code, from the kind of error, at least "5.0.0", "4.0.0", "2.0.0".  out has ENHANCED_MAX octets.
 */
void report_status(const struct dsn_recipient *rcpt, char *out);

/* Which recipients a report is wanted for, from NOTIFY (RFC 3461 sections 4.1 and 5.2): unset means failure and delay.
 */
bool dsn_wanted(unsigned notify, enum report_action action);

#endif
