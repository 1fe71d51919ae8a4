/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_plan: which fields stay, go or come, as data; header_apply writes it.
 *
 * Pure: everything it needs is in the policy.  Fields are added in the order
 * From, To, Date, Message-ID, in front of all others.  Bcc and Resent-Bcc go
 * in every spelling.  From, To and Cc are rewritten where they stand as far as
 * the policy's sender says so.  Nothing else is touched: not Sender, Return-Path,
 * Reply-To, nor any other Resent- field.
 */
#ifndef HEADER_HEADER_PLAN_H
#define HEADER_HEADER_PLAN_H

#include "header/header_scan.h"
#include "address/local_names.h"

enum header_set { HEADER_OFF, HEADER_ON, HEADER_AUTO };
enum header_to { TO_OFF, TO_ON, TO_UNDISCLOSED };
/* What is done about addresses in From, To and Cc that mean nothing elsewhere:
 * KEEP nothing; FIX_LOCAL a local From becomes own_addr, bare names in To and Cc get its domain;
 * FORCE the same, and whatever stands in From becomes own_addr. */
enum header_sender { SENDER_KEEP, SENDER_FIX_LOCAL, SENDER_FORCE };

struct header_policy {
	enum header_set from, date, msgid; /* AUTO: added when the field is missing;
					    * an empty From counts as missing */
	enum header_to to;		   /* ON: To, Cc and Bcc replaced by one To of all recipients;
					    * UNDISCLOSED: by "To: undisclosed-recipients:;" */
	bool remove_bcc;
	enum header_sender sender;
	const char *own_addr;		 /* the account's address, or NULL: as KEEP */
	const struct local_names *local; /* unless KEEP */
	const char *from_addr;		 /* NULL or "": no From is made */
	const char *from_name;		 /* display name or NULL */
	const char *const *to_addrs;	 /* NULL-terminated; used by TO_ON */
	const char *date_value;		 /* from datestr; NULL: no Date is made */
	const char *msgid_value;	 /* from msgid, with brackets; NULL: no Message-ID is made */
};

struct header_plan {
	struct strbuf added;	/* complete fields, CRLF line ends, folded at 78 where they can be */
	bool *keep;		/* one per field of the list planned for */
	struct strbuf *instead; /* one per field: what is written in its place, complete; empty: the field itself */
	size_t n;
};
#define HEADER_PLAN_INIT ((struct header_plan){STRBUF_INIT, NULL, NULL, 0})
void header_plan_release(struct header_plan *plan);
/* Will a field of that name be made?  Who asks first need not make a value nobody wants. */
bool header_plan_makes(const struct header_list *list, const char *name, enum header_set set);
void header_plan_make(struct header_plan *plan, const struct header_list *list, const struct header_policy *policy);

#endif
