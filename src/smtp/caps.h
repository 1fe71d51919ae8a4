/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * caps: the capabilities that the server's reply to EHLO lists.  Keywords are
 * matched completely and without regard to case, and their parameters parsed;
 * unknown ones are kept as text.
 */
#ifndef SMTP_CAPS_H
#define SMTP_CAPS_H

#include "base/strvec.h"
#include "smtp/reply.h"

#include <stdint.h>

enum cap {
	CAP_8BITMIME = 1 << 0,		  /* RFC 6152 */
	CAP_SIZE = 1 << 1,		  /* RFC 1870 */
	CAP_PIPELINING = 1 << 2,	  /* RFC 2920 */
	CAP_DSN = 1 << 3,		  /* RFC 3461 */
	CAP_ENHANCEDSTATUSCODES = 1 << 4, /* RFC 2034 */
	CAP_STARTTLS = 1 << 5,		  /* RFC 3207 */
	CAP_AUTH = 1 << 6,		  /* RFC 4954 */
	CAP_SMTPUTF8 = 1 << 7,		  /* RFC 6531 */
	CAP_CHUNKING = 1 << 8,		  /* RFC 3030 */
	CAP_BINARYMIME = 1 << 9,	  /* RFC 3030 */
	CAP_DELIVERBY = 1 << 10,	  /* RFC 2852 */
	CAP_FUTURERELEASE = 1 << 11,	  /* RFC 4865 */
	CAP_MT_PRIORITY = 1 << 12,	  /* RFC 6710 */
	CAP_REQUIRETLS = 1 << 13,	  /* RFC 8689 */
	CAP_LIMITS = 1 << 14,		  /* RFC 9422 */
	CAP_ETRN = 1 << 15,		  /* RFC 1985 */
	CAP_PIPECONNECT = 1 << 16,	  /* Exim */
	CAP_VRFY = 1 << 17,
	CAP_HELP = 1 << 18
};

struct caps {
	unsigned bits;				      /* enum cap */
	uint64_t size_limit;			      /* SIZE's parameter; 0: none stated */
	uint64_t mail_max, rcpt_max, rcpt_domain_max; /* LIMITS (RFC 9422): transactions in a session, recipients
						       * in a transaction, their domains in a session; 0: none
						       * stated */
	int64_t by_minimum;   /* DELIVERBY: the minimum in seconds if the message is to be returned; 0: none stated */
	int64_t hold_seconds; /* FUTURERELEASE: the longest hold ... */
	int64_t hold_until;   /* ... and the latest point in time; 0: none stated */
	char *priorities;     /* MT-PRIORITY: name of the profile, or NULL */
	struct strvec auth;   /* mechanisms as written, each once */
	struct strvec lines;  /* every keyword line, cleaned, for --serverinfo */
	char *greeting_name;  /* first word of the EHLO reply's first line */
};
#define CAPS_INIT ((struct caps){.bits = 0})
void caps_release(struct caps *caps);
void caps_copy(struct caps *to, const struct caps *from);
bool caps_has(const struct caps *caps, enum cap cap);
/* Replaces *caps by what the reply to EHLO or LHLO lists. */
void caps_from_reply(struct caps *caps, const struct reply *reply);
/* The same from keyword lines kept earlier (caps->lines). */
void caps_from_lines(struct caps *caps, const struct strvec *lines);
/* Do both list the same, line by line?  The first line of the reply, the greeting, may differ. */
bool caps_same(const struct caps *a, const struct caps *b);
/* Forgets that these (enum cap bits) are offered, and their parameters; the lines stay. */
void caps_ignore(struct caps *caps, unsigned bits);
/* The capability that a keyword names, in any case; "all": all of them but STARTTLS and AUTH; 0: one without meaning
 * here. */
unsigned cap_from_name(const char *keyword);
/* Appends the names of these capabilities (enum cap bits): "SIZE, 8BITMIME". */
void cap_add_names(struct strbuf *out, unsigned bits, const char *separator);
/* "8BITMIME"; for messages. */
const char *cap_name(enum cap cap);

#endif
