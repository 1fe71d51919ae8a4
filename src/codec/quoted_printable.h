/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * quoted_printable: content as quoted-printable (RFC 2045 section 6.7).
 *
 * No line is longer than LINE_LIMIT_ENCODED, and none begins with "--" (which could make a boundary), "." or "From "
 * (which an mbox changes). How the content is divided into portions makes no difference.
 */
#ifndef CODEC_QUOTED_PRINTABLE_H
#define CODEC_QUOTED_PRINTABLE_H

#include "base/strbuf.h"
#include "codec/line_limits.h"

struct quoted_printable {
	char line[LINE_LIMIT_ENCODED]; /* the unfinished line */
	size_t len;
	char held; /* a space or tab, which must be encoded if the line ends after it; or '\0' */
};
#define QUOTED_PRINTABLE_INIT ((struct quoted_printable){.len = 0})

/* Adds octets of one line: a CR or LF among them is encoded. */
void quoted_printable_add(struct quoted_printable *q, struct span in, struct strbuf *out);
void quoted_printable_end_line(struct quoted_printable *q, struct strbuf *out);
/* Writes what is held back, without a line end after it, and is ready for the next content. */
void quoted_printable_end(struct quoted_printable *q, struct strbuf *out);

/* Appends a text, whose lines end with LF or CRLF, in lines that end with CRLF. The last line gets a line end, too. */
void quoted_printable_add_text(struct strbuf *out, struct span text);

#endif
