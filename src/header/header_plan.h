/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_plan: decides which fields of a header stay, which are removed and which are added; header_apply writes the
 * result.
 *
 * Pure: everything it needs is in the policy. Fields are added in the order From, Sender, To, Date, Message-ID, before
 * all others. Bcc and Resent-Bcc are removed in every spelling, and so is Return-Path, which only the last server may
 * add. Addresses in From, To and Cc are rewritten in place if the policy says so. A Sender is added if From has several
 * addresses (RFC 5322 section 3.6.2). Nothing else is changed: not Reply-To, or any other Resent- field.
 */
#ifndef HEADER_HEADER_PLAN_H
#define HEADER_HEADER_PLAN_H

#include "header/header_scan.h"
#include "address/local_names.h"

enum header_set { HEADER_OFF, HEADER_ON, HEADER_AUTO };
enum header_to { TO_OFF, TO_ON, TO_UNDISCLOSED };
/* What is done about addresses in From, To and Cc that mean nothing on other hosts. SENDER_KEEP: nothing.
 * SENDER_FIX_LOCAL: a local From becomes own_addr, and names without a domain in To and Cc get the domain of own_addr.
 * SENDER_FORCE: the same, and any From becomes own_addr. */
enum header_sender { SENDER_KEEP, SENDER_FIX_LOCAL, SENDER_FORCE };

struct header_policy {
	enum header_set from, date, msgid; /* HEADER_AUTO: added if the field is missing or empty */
	enum header_to to;		   /* TO_ON: one To with all recipients replaces To, Cc and Bcc;
					    * TO_UNDISCLOSED: "To: undisclosed-recipients:;" does */
	bool remove_bcc;
	bool remove_envelope_to; /* X-Envelope-To names recipients, some of whom the others may not know */
	enum header_sender sender;
	const char *own_addr;		 /* the address of the account; NULL: SENDER_KEEP */
	const struct local_names *local; /* not used by SENDER_KEEP */
	const char *from_addr;		 /* NULL or "": no From is added */
	const char *from_name;		 /* display name or NULL */
	const char *sender_addr;	 /* who sends for several authors; NULL or "": no Sender is added */
	const char *const *to_addrs;	 /* NULL-terminated; used by TO_ON */
	const char *date_value;		 /* from date_make(); NULL: no Date is added */
	const char *msgid_value;	 /* from msgid_make(), with brackets; NULL: no Message-ID is added */
};

struct header_plan {
	struct strbuf added;	/* complete fields, folded, with CRLF line ends */
	bool *keep;		/* one per field of the list planned for */
	struct strbuf *instead; /* one per field: the complete field that replaces it; empty: it is not replaced */
	size_t n;
};
#define HEADER_PLAN_INIT ((struct header_plan){STRBUF_INIT, NULL, NULL, 0})
void header_plan_release(struct header_plan *plan);
/* Whether a field of that name will be added, so that callers make its value only if it is needed. */
bool header_plan_makes(const struct header_list *list, const char *name, enum header_set set);
void header_plan_make(struct header_plan *plan, const struct header_list *list, const struct header_policy *policy);

#endif
