/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recipients: who a header names (-t, --read-envelope-from).
 *
 * -t takes To, Cc and Bcc; if the header has Resent- fields, only
 * Resent-To/Cc/Bcc of the first Resent- block (the topmost contiguous run of fields
 * whose names begin with Resent-, RFC 5322 section 3.6.6).
 * The envelope sender comes from the first From, or from Resent-From if that
 * stands in an earlier (topmost) block.
 */
#ifndef HEADER_HEADER_RECIPIENTS_H
#define HEADER_HEADER_RECIPIENTS_H

#include "address/address.h"
#include "header/header_scan.h"

bool recipients_from_header(const struct header_list *list, struct mailbox_list *out, struct error *err) MUST_CHECK;
/* *sender is malloc'ed; ERROR_USAGE if the header names none (exit 64). */
bool recipients_sender(const struct header_list *list, char **sender, struct error *err) MUST_CHECK;

#endif
