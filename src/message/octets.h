/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * octets: questions about blocks of octets, answered eight or sixteen at a time.
 *
 * A message may be hundreds of megabytes, and every octet of it is looked at
 * once when it comes in and once when it goes out; these are the loops that do.
 * Their time does not depend on the content.
 */
#ifndef MESSAGE_OCTETS_H
#define MESSAGE_OCTETS_H

#include "base/span.h"

struct octets_survey {
	bool high;  /* an octet above 127 */
	bool nul;   /* a NUL */
	size_t crs; /* how many CRs, whatever follows them */
};

struct octets_survey octets_survey(struct span sp);
/* True if every LF has a CR before it and every CR an LF behind it, within sp. */
bool octets_canonical(struct span sp);
/* Where the first "." behind an LF stands; at_start: also one that comes first.
 * sp.len if there is none. */
size_t octets_find_line_dot(struct span sp, bool at_start);

#endif
