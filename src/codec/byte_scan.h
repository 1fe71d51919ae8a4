/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * octets: questions about blocks of octets, answered eight or sixteen at a time.
 *
 * A message may be hundreds of megabytes, and every octet of it is looked at
 * once when it comes in and once when it goes out; these are the loops that do.
 * Their time does not depend on the content.
 */
#ifndef CODEC_BYTE_SCAN_H
#define CODEC_BYTE_SCAN_H

#include "base/span.h"

struct byte_scan {
	bool high;  /* an octet above 127 */
	bool nul;   /* a NUL */
	size_t crs; /* how many CRs, whatever follows them */
};

struct byte_scan byte_scan(struct span sp);
/* True if every LF has a CR before it and every CR an LF behind it, within sp. */
bool byte_scan_canonical(struct span sp);
/* Where the first "." behind an LF stands; at_start: also one that comes first.
 * sp.len if there is none. */
size_t byte_scan_find_line_dot(struct span sp, bool at_start);

#endif
