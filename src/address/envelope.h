/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * envelope: the sender, the recipients, and what is requested for the delivery (RFC 5321 section 2.3.1, RFC 3461).
 *
 * Addresses are addr-specs without angle brackets that have passed address_check(): they contain no control character,
 * CR, LF, NUL or unquoted space.
 */
#ifndef ADDRESS_ENVELOPE_H
#define ADDRESS_ENVELOPE_H

#include "base/cleanup.h"
#include "base/span.h"
#include "base/status.h"

#include <stdint.h>

/* RFC 3461 section 4.1; 0: no NOTIFY parameter. */
enum dsn_notify { NOTIFY_UNSET = 0, NOTIFY_NEVER = 1, NOTIFY_SUCCESS = 2, NOTIFY_FAILURE = 4, NOTIFY_DELAY = 8 };
enum dsn_ret { RET_UNSET, RET_FULL, RET_HDRS };
/* -B of sendmail: what the caller says the body is. */
enum body_claim { BODY_UNSET, BODY_7BIT, BODY_8BITMIME };

struct mail_address {
	char *given; /* as the user wrote it, maybe UTF-8; "" is the null sender */
	char *ascii; /* the same with its domain in A-labels, for servers without
		      * SMTPUTF8; NULL if the local part itself is not ASCII */
};

struct recipient {
	struct mail_address address;
	char *orcpt;		/* original recipient (before aliases), NULL: the address itself */
	struct status *refused; /* why it was refused here, before any server is asked; NULL: it is to be sent */
	unsigned notify;	/* enum dsn_notify bits, if they are not those of the message; 0: they are */
};

/* What is asked of the server beyond delivery; each has its parameter on MAIL. */
enum deliver_by_mode { BY_RETURN, BY_NOTIFY };
struct mail_params {
	bool deliver_by;    /* RFC 2852 ... */
	int64_t by_seconds; /* ... from now on; with BY_NOTIFY it may be 0 or less */
	enum deliver_by_mode by_mode;
	bool by_trace;
	int64_t hold_for;   /* RFC 4865: seconds, 0: no; ... */
	int64_t hold_until; /* ... or seconds since 1970, 0: no; never both */
	bool has_priority;  /* RFC 6710 ... */
	int priority;	    /* ... -9 to 9 */
	bool require_tls;   /* RFC 8689 ... */
	bool redacted;	    /* ... by a report that has only the header of its message: a server without REQUIRETLS gets
			     * it without the parameter, over verified TLS (section 5) */
	char *auth;	    /* RFC 4954 section 5, AUTH=: a mailbox; "" for <>; NULL: no */
};

/* What applies to a message for all of its recipients. */
struct mail_options {
	struct mail_address sender;
	unsigned notify; /* enum dsn_notify bits, of all recipients without their own */
	enum dsn_ret ret;
	bool dsn_required; /* NOTIFY/RET were asked for: a server without DSN is refused */
	char *envid;	   /* plain text (not xtext) that envelope_envid_check() accepts, NULL: none */
	enum body_claim body;
	struct mail_params params;
};
#define MAIL_OPTIONS_INIT ((struct mail_options){.sender = {NULL, NULL}})

void mail_options_release(struct mail_options *mail);
/* What to held is freed. */
void mail_options_copy(struct mail_options *to, const struct mail_options *from);
struct mail_address mail_address_copy(const struct mail_address *address);
void mail_address_release(struct mail_address *address);

struct envelope {
	struct mail_options mail;
	struct recipient *rcpts;
	size_t n, cap;
};

#define ENVELOPE_INIT ((struct envelope){.rcpts = NULL})

/* RFC 3461 section 4.4: before it is written as xtext an ENVID has 1 to 100 printable ASCII characters. */
bool envelope_envid_check(struct span envid) MUST_CHECK;

void envelope_release(struct envelope *env);
/* Appends; takes over the strings of address. */
void envelope_add(struct envelope *env, struct mail_address address);
/* Appends, and leaves nothing in rcpt. */
void envelope_move(struct envelope *env, struct recipient *rcpt);
/* Refuses the recipient; takes over what why holds. */
void recipient_refuse(struct recipient *rcpt, struct status *why);
/* The reports that are wanted about a recipient (enum dsn_notify bits) ... */
unsigned recipient_notify(const struct recipient *rcpt, const struct mail_options *mail);
/* ... and about any. */
unsigned envelope_notify(const struct envelope *env);
/* How many recipients are not refused. */
size_t envelope_count_open(const struct envelope *env);
/* Removes recipients that are equal to an earlier one, and keeps the order. Case matters in the local part, but not in
 * the domain. */
void envelope_unique(struct envelope *env);

#endif
