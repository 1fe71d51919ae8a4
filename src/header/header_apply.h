/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_apply: the header as it goes out: the plan's added fields, the kept
 * fields with CRLF line ends (lone CRs dropped: a header line cannot hold one), and, if separator says so, the
 * empty line that ends the header (message_needs_separator() of message/message.h).
 */
#ifndef HEADER_HEADER_APPLY_H
#define HEADER_HEADER_APPLY_H

#include "header/header_plan.h"

void header_apply(const struct header_plan *plan, const struct header_list *list, bool separator, struct strbuf *out);

#endif
