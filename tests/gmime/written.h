/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * written: header fields that posthaste writes itself, from every producer of header text: the display name of From
 * (-F, from_full_name), the From that replaces an address ("sender"), the To of set_to_header, and the header
 * of a report. GMime has to show what the user wrote.
 */
#ifndef GMIME_WRITTEN_H
#define GMIME_WRITTEN_H

#include "base/strbuf.h"

/* Called once for each group of fields. why has a line for each field that is shown differently; empty: there is none.
 */
typedef void written_fn(const char *group, const struct strbuf *why, void *arg);

void written_each(written_fn *checked, void *arg);

#endif
