/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_apply: appends the header as it will be sent: the fields that the plan adds, the fields that it keeps with
 * CRLF line ends and without lone CRs, and the empty line after the header if `separator` is true (see
 * message_needs_separator() in message/message.h).
 */
#ifndef HEADER_HEADER_APPLY_H
#define HEADER_HEADER_APPLY_H

#include "header/header_plan.h"

void header_apply(const struct header_plan *plan, const struct header_list *list, bool separator, struct strbuf *out);

#endif
