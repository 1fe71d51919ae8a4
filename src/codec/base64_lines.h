/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base64_lines: content as base64 in lines (RFC 2045 section 6.8), for the body of a message. The lines are of the
 * greatest length allowed, LINE_LIMIT_ENCODED. How the content is divided into portions makes no difference. Base64
 * without lines is in base/base64.h.
 */
#ifndef CODEC_BASE64_LINES_H
#define CODEC_BASE64_LINES_H

#include "base/strbuf.h"
#include "codec/line_limits.h"

struct base64_lines {
	char held[LINE_LIMIT_ENCODED / 4 * 3]; /* the content of a line that is not full yet */
	size_t len;
	bool any; /* a line was written */
};
#define BASE64_LINES_INIT ((struct base64_lines){.len = 0})

void base64_lines_add(struct base64_lines *b, struct span in, struct strbuf *out);
/* Writes what is held back, without a line end after it, and is ready for the next content. */
void base64_lines_end(struct base64_lines *b, struct strbuf *out);

#endif
