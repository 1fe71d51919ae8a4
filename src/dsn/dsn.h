/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dsn: makes the report that a sender gets about an undelivered, delayed or relayed message: a multipart/report with an
 * explanation for people, the same for programs, and the message or its header (RFC 3461 section 6, RFC 3464, RFC 6522,
 * and RFC 3834 for Auto-Submitted).
 *
 * Pure, except for the temporary file of a large report; memory does not grow with the message. Text from elsewhere
 * (the server's words, header fields, addresses) cannot add a line, a field or a part.
 *
 * What is not ASCII: the explanation is UTF-8 in quoted-printable. The second part stays message/delivery-status, with
 * "utf-8" addresses in the 7-bit form of RFC 6533 section 3, so that every server accepts it. An original message with
 * raw UTF-8 in its header is sent as message/global (or -headers), which old readers show as an attachment. Only if the
 * address of the sender is not ASCII does the report itself need SMTPUTF8.
 */
#ifndef DSN_DSN_H
#define DSN_DSN_H

#include "base/clock.h"
#include "address/envelope.h"
#include "message/message.h"

/* What happened to a recipient. */
enum dsn_action {
	DSN_FAILED,  /* no copy was delivered, as far as we know */
	DSN_DELAYED, /* not delivered yet; will be tried until will_retry_until */
	DSN_RELAYED  /* accepted by a server that does not make reports (RFC 3461 section 5.2.2) */
};

struct dsn_recipient {
	const char *address; /* the one in RCPT TO */
	const char *orcpt;   /* the original one, if the sender gave it; or NULL */
	enum dsn_action action;
	bool possible_duplicate;     /* an attempt ended without the server's answer: a copy may have been delivered */
	const struct status *status; /* of the last attempt; its host, if it answered, is the Remote-MTA; the server's
				      * words are the Diagnostic-Code */
	int64_t last_attempt;	     /* or 0 */
};

/* What a report is made from. Everything is borrowed. */
struct dsn {
	const char *from_address;      /* for From, because many servers accept only the address of the account; NULL:
					* MAILER-DAEMON at reporting_mta */
	const char *reporting_mta;     /* the name of this host */
	const struct mail_address *to; /* the sender of the message; never the null sender */
	const char *queue_id;	       /* or NULL */
	const char *envid;	       /* plain text, or NULL */
	const char *message_id;	       /* of the original, with brackets, or NULL */
	const char *subject;	       /* of the original, raw value, or NULL */
	int64_t arrival;
	int64_t deliver_by; /* the time until which it was to be delivered, or 0 */
	int64_t now;
	int64_t will_retry_until;	   /* for DSN_DELAYED; or 0 */
	const struct dsn_recipient *rcpts; /* at least one */
	size_t n;
	/* RET_FULL: the report includes the original message, else only its header. Only a report of a failure includes
	 * a message (RFC 3461 section 4.3), and only if mail can carry its lines. */
	enum dsn_ret ret;
	bool has_priority; /* of the original, for the report (RFC 6710 section 4.6) ... */
	int priority;	   /* ... unless a server refused it for that priority, which would refuse the report, too */
	bool require_tls;  /* the original has REQUIRETLS: only its header is included, and the report has REQUIRETLS,
			    * too (RFC 8689 section 5) */
	const char *language;		 /* of texts, for Content-Language (RFC 3282); NULL: English */
	struct span header;		 /* of the original as it is sent: with CRLF line ends and the empty line */
	const struct source *body;	 /* of the original */
	const struct message_info *info; /* of the original */
	const struct rng *rng;
	const struct temp_files *temp; /* for the body of the report, see source_init() */
};

/* A finished report. */
struct dsn_message {
	struct envelope env;	/* null sender, one recipient */
	struct strbuf header;	/* with CRLF line ends and the empty line */
	struct message message; /* its body and info */
	char *message_id;
};
void dsn_message_release(struct dsn_message *made);
/* *made must be zero. Fails if the original cannot be read or the temporary file cannot be written; then there is
 * nothing to release. */
bool dsn_make(const struct dsn *report, struct dsn_message *made, struct error *err) MUST_CHECK;

/*
 * The RFC 3463 code for a recipient: the one of the server if its class fits the action, or if a temporary failure
 * lasted too long; else one derived from the kind of error; at least "5.0.0", "4.0.0" or "2.0.0". require_tls: the
 * message has REQUIRETLS, so what prevented TLS has the code that RFC 8689 section 4.2.1 gives. out has room for
 * ENHANCED_MAX bytes.
 */
void dsn_status(const struct dsn_recipient *rcpt, bool require_tls, char *out);

/* Whether a report of that action is wanted by NOTIFY (RFC 3461 sections 4.1 and 5.2). NOTIFY_UNSET wants reports of
 * failure and delay. */
bool dsn_wanted(unsigned notify, enum dsn_action action);

#endif
