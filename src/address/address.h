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

#include "address/address_check.h"
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

#endif
