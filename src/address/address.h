/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * address: mailboxes and groups (RFC 5322, with the UTF-8 of RFC 6532) in header fields and on command lines.
 *
 * It accepts what is common in mail (comments, obsolete routes, white space around dots, names without quotes), but not
 * missing commas, and nothing dangerous: addresses that it returns never contain a control character, CR, LF or NUL,
 * nor an unquoted space or angle bracket. It takes linear time, and does not recurse into nested comments.
 */
#ifndef ADDRESS_ADDRESS_H
#define ADDRESS_ADDRESS_H

#include "base/error.h"
#include "base/strbuf.h"
#include "base/strvec.h"

struct mailbox {
	char *name; /* display name without quotes, with encoded-words as they are; NULL: none */
	char *addr; /* local@domain, or only local; local is quoted only if it must be */
	/* Its position in the text, without the comments and white space around it: of the mailbox, up to and
	 * including its ">" if it has one, and of the address in it. */
	size_t from, to, addr_from, addr_to;
};

struct mailbox_list {
	struct mailbox *v;
	size_t n, cap;
};
#define MAILBOX_LIST_INIT ((struct mailbox_list){NULL, 0, 0})
void mailbox_list_release(struct mailbox_list *list);

/*
 * Appends the mailboxes of an address list: the value of To, or an argument. Empty entries and empty groups
 * ("undisclosed-recipients:;") add nothing; "<>" adds an empty addr. All other addresses have passed address_check().
 * ERROR_ADDRESS, which names the part that is wrong, for a syntax error, for NUL, and for CR or LF other than in
 * folding (CR LF and a space or tab); what was appended before the error stays.
 */
bool address_list_parse(struct span text, struct mailbox_list *list, struct error *err) MUST_CHECK;

/*
 * Whether addr is allowed between "<" and ">" of MAIL FROM or RCPT TO (RFC 5321 section 4.1.2, RFC 6531 section 3.3):
 * it is valid UTF-8 without control characters and without unquoted spaces and specials, its local part is not empty,
 * the local part has at most 256 octets, and the address at most 1000 (more than RFC 5321 section 4.5.3.1 guarantees).
 * A local name without a domain is allowed; "" is allowed if null_ok. ERROR_ADDRESS quotes the address, cleaned.
 */
bool address_check(struct span addr, bool null_ok, struct error *err) MUST_CHECK;

/* Splits at the last unquoted "@"; domain.ptr == NULL if there is none. */
void address_split(struct span addr, struct span *local, struct span *domain);

/* Whether c is allowed in an atom: it is not a control character, space or special. Octets above 127 are allowed. */
bool address_is_atext(char c);

#endif
