/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * byte_scan: searches blocks of bytes, eight or sixteen at a time.
 *
 * A message may have hundreds of megabytes, and each byte of it is examined once when it is read and once when it is
 * sent. These are the loops that do it. Their time does not depend on the content.
 */
#ifndef CODEC_BYTE_SCAN_H
#define CODEC_BYTE_SCAN_H

#include "base/span.h"

struct byte_scan {
	bool high;  /* a byte above 127 */
	bool nul;   /* a NUL */
	size_t crs; /* the number of CRs, whatever follows them */
};

struct byte_scan byte_scan(struct span sp);
/* Whether, within sp, every LF has a CR before it and every CR has an LF after it. */
bool byte_scan_canonical(struct span sp);
/* The position of the first "." after an LF or, if at_start is true, at the start of sp. sp.len if there is none. */
size_t byte_scan_find_line_dot(struct span sp, bool at_start);

#endif
