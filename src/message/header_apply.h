/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_apply: the header as it goes out: the plan's added fields, the kept
 * fields with CRLF line ends (lone CRs dropped: a header line cannot hold one), and the empty line that ends the
 * header where the message has a separator or a body follows it without one.
 * A message that is header only, without separator, stays so.
 */
#ifndef MESSAGE_HEADER_APPLY_H
#define MESSAGE_HEADER_APPLY_H

#include "message/header_plan.h"
#include "message/message.h"

void header_apply(const struct header_plan *plan, const struct header_list *list, const struct message *msg,
		  struct strbuf *out);

#endif
