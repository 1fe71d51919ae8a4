/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_rewrite: replaces or completes single addresses in address fields.
 *
 * Everything else in the field stays as it is: names, comments, groups, folding. If there is something to change, each
 * function appends the complete new field with CRLF line ends and returns true; otherwise it appends nothing and
 * returns false. A field whose addresses cannot be parsed is not changed, except by header_force_address().
 */
#ifndef HEADER_HEADER_REWRITE_H
#define HEADER_HEADER_REWRITE_H

#include "header/header_scan.h"
#include "address/local_names.h"

/* Local addresses become own. One without a display name gets the local address as its name. */
bool header_fix_addresses(const struct header_field *field, const char *own, const struct local_names *local,
			  struct strbuf *out);
/* Replaces the field by a From with the address own, and with the first name in it, or the first address, as display
 * name. False if own is the only address already. */
bool header_force_address(const struct header_field *field, const char *own, struct strbuf *out);
/* Addresses without a domain get that one. */
bool header_qualify_addresses(const struct header_field *field, struct span domain, struct strbuf *out);

#endif
