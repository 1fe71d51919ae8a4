/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_recipients: the recipients and the sender that a header names (-t, --read-envelope-from).
 *
 * The recipients are those of To, Cc and Bcc. If the header has Resent- fields, they are those of Resent-To, Resent-Cc
 * and Resent-Bcc in the first Resent- block, that is, in the topmost contiguous run of fields whose names begin with
 * Resent- (RFC 5322 section 3.6.6). The sender comes from the first From or Resent-From field that has an address.
 */
#ifndef HEADER_HEADER_RECIPIENTS_H
#define HEADER_HEADER_RECIPIENTS_H

#include "address/address.h"
#include "header/header_scan.h"

/* The field that programs which store messages for later add: whom the message is for, whatever the header says. */
#define ENVELOPE_TO_FIELD "X-Envelope-To"

bool recipients_from_header(const struct header_list *list, struct mailbox_list *out, struct error *err) MUST_CHECK;
/* Those of X-Envelope-To alone.  *any: there is such a field. */
bool recipients_from_envelope_to(const struct header_list *list, struct mailbox_list *out, bool *any,
				 struct error *err) MUST_CHECK;
/* *sender is malloc'ed. ERROR_USAGE if the header does not name a sender. */
bool recipients_sender(const struct header_list *list, char **sender, struct error *err) MUST_CHECK;

#endif
