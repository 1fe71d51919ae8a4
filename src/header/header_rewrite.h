/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_rewrite: address fields with single addresses replaced or completed.
 *
 * Everything else in the field stays as it is, octet for octet: names, comments,
 * groups, folding.  Each function returns true and appends the complete new field
 * with CRLF line ends if there is something to change, and else false and
 * nothing.  A field whose addresses cannot be read is not changed (but forced).
 */
#ifndef HEADER_HEADER_REWRITE_H
#define HEADER_HEADER_REWRITE_H

#include "header/header_scan.h"
#include "address/local_names.h"

/* Local addresses become own; who had no display name gets the address it was as one. */
bool header_fix_addresses(const struct header_field *field, const char *own, const struct local_names *local,
			  struct strbuf *out);
/* The whole field becomes own, with the first name there, or the first address, as display name.  False if own
 * is all there is already. */
bool header_force_address(const struct header_field *field, const char *own, struct strbuf *out);
/* Names without a domain get one. */
bool header_qualify_addresses(const struct header_field *field, struct span domain, struct strbuf *out);

#endif
