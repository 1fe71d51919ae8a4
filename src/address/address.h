/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * address: RFC 5322 mailboxes and groups, RFC 6532 UTF-8 included, as they
 * stand in header fields and on command lines.
 *
 * Lenient where mail is (comments, obsolete routes, blanks around dots, names
 * without quotes, missing commas are not accepted), strict where it is
 * dangerous: what comes out never holds a control character, CR, LF or NUL,
 * and never an unquoted blank or angle bracket.  Linear time; nesting is
 * counted, not recursed into.
 */
#ifndef ADDRESS_ADDRESS_H
#define ADDRESS_ADDRESS_H

#include "base/error.h"
#include "base/strbuf.h"
#include "base/strvec.h"

struct mailbox {
	char *name; /* display name, unquoted, RFC 2047 words left as they are; NULL: none */
	char *addr; /* local@domain, or local alone; local re-quoted only if it must be */
	/* Where it stands in the text parsed, without comments and blanks around it: all of it, up to its
	 * ">" where it has one, and the address alone. */
	size_t from, to, addr_from, addr_to;
};

struct mailbox_list {
	struct mailbox *v;
	size_t n, cap;
};
#define MAILBOX_LIST_INIT ((struct mailbox_list){NULL, 0, 0})
void mailbox_list_release(struct mailbox_list *list);

/*
 * Appends the mailboxes of an address list (To:, an argument).  Empty list
 * entries and empty groups ("undisclosed-recipients:;") add nothing.  "<>" adds an empty
 * addr.  Syntax errors: ERROR_ADDRESS, naming the part that is wrong; what
 * was appended before stays.  CR and LF only as folding (CR LF blank), no NUL.
 * What comes out has passed address_check().
 */
bool address_list_parse(struct span text, struct mailbox_list *list, struct error *err) MUST_CHECK;

/*
 * May this stand between "<" and ">" of MAIL FROM or RCPT TO (RFC 5321 section
 * 4.1.2, RFC 6531 section 3.3)?  No CR, LF, NUL, other control characters, no
 * unquoted blank or special, valid UTF-8, local part not empty, at most 64+1+255
 * octets ... RFC 5321 section 4.5.3.1 limits are checked generously (local 256,
 * whole 1000).  A local name without domain is allowed, "" is allowed when
 * null_ok.  ERROR_ADDRESS quotes the address in cleaned form.
 */
bool address_check(struct span addr, bool null_ok, struct error *err) MUST_CHECK;

/* Splits at the last unquoted "@"; domain.ptr == NULL if there is none. */
void address_split(struct span addr, struct span *local, struct span *domain);

/* May stand in an atom: no control character, blank or special; all of UTF-8 beyond ASCII may. */
bool address_is_atext(char c);

#endif
