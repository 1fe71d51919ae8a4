/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * address: mailboxes and groups (RFC 5322, with the UTF-8 of RFC 6532) in header fields and on command lines.
 *
 * It accepts what is common in mail (comments, obsolete routes, white space around dots, names without quotes, missing
 * commas, semicolons between addresses, a phrase or "mailto:" before an address without brackets), but nothing
 * dangerous: addresses that it returns never contain a control character, CR, LF or NUL, nor an unquoted space or angle
 * bracket. It takes linear time, and does not recurse into nested comments.
 */
#ifndef ADDRESS_ADDRESS_H
#define ADDRESS_ADDRESS_H

#include "address/address_check.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "base/strvec.h"

struct mailbox {
	char *refused; /* NULL; or why this entry is not an address, for the user: then addr is its text, cleaned */
	char *name;    /* display name without quotes, with encoded-words as they are; NULL: none */
	char *addr;    /* local@domain, or only local; local is quoted only if it must be */
	/* Its position in the text, without the comments and white space around it: of the mailbox, up to and
	 * including its ">" if it has one, and of the address in it. */
	size_t from, to, addr_from, addr_to;
};

struct mailbox_list {
	struct mailbox *v;
	size_t n, cap;
	bool irregular; /* the text does not follow the grammar, but the addresses are clear */
};
#define MAILBOX_LIST_INIT ((struct mailbox_list){.v = NULL})
void mailbox_list_release(struct mailbox_list *list);

/*
 * Appends the mailboxes of an address list: the value of To, or an argument. Entries without an address add nothing:
 * empty ones, empty groups, and "undisclosed recipients" in any spelling. "<>" adds an empty addr. An entry that cannot
 * be understood is added with `refused` set; all other addresses have passed address_check(). White space and line ends
 * at both ends are ignored. ERROR_ADDRESS for NUL, for CR or LF other than in folding (CR LF and a space or tab), and
 * for another control character in an entry that is not an address: no part of such a list is to be used.
 */
bool address_list_parse(struct span text, struct mailbox_list *list, struct error *err) MUST_CHECK;

#endif
