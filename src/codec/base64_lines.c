/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "codec/base64_lines.h"

#include "base/base64.h"

static void put_line(struct base64_lines *b, struct span in, struct strbuf *out)
{
	if (b->any)
		strbuf_add(out, "\r\n", 2);
	base64_encode(out, in);
	b->any = true;
}

void base64_lines_add(struct base64_lines *b, struct span in, struct strbuf *out)
{
	while (b->len + in.len >= sizeof(b->held)) {
		size_t n = sizeof(b->held) - b->len;
		if (b->len) {
			memcpy(b->held + b->len, in.ptr, n);
			put_line(b, span_make(b->held, sizeof(b->held)), out);
		} else {
			put_line(b, span_make(in.ptr, n), out);
		}
		b->len = 0;
		in = span_sub(in, n, in.len);
	}
	if (in.len)
		memcpy(b->held + b->len, in.ptr, in.len);
	b->len += in.len;
}

void base64_lines_end(struct base64_lines *b, struct strbuf *out)
{
	if (b->len)
		put_line(b, span_make(b->held, b->len), out);
	*b = BASE64_LINES_INIT;
}
