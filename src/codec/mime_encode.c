/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "codec/mime_encode.h"

#include "base/base64.h"

/* RFC 2045 section 6.7 rule 5: 76 octets, the "=" of a soft line break among them. */
#define QUOTED_MAX 75
#define BASE64_OCTETS 57

/* ---- quoted-printable --------------------------------------------------------- */

static void end_line(struct quoted_encoder *q, const char *how, struct strbuf *out)
{
	strbuf_add(out, q->line, q->len);
	strbuf_adds(out, how);
	q->len = 0;
}

static void put(struct quoted_encoder *q, char c, bool plain, struct strbuf *out)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t need = plain ? 1 : 3;
	if (q->len + need > QUOTED_MAX)
		end_line(q, "=\r\n", out);
	if (plain) {
		q->line[q->len++] = c;
		return;
	}
	q->line[q->len++] = '=';
	q->line[q->len++] = hex[(unsigned char)c >> 4];
	q->line[q->len++] = hex[(unsigned char)c & 15];
}

/* A soft line break must not make a boundary, and what comes behind an mbox's line end must not look like its
 * separator. */
static bool starts_badly(const struct quoted_encoder *q, char c)
{
	if (q->len == 0 || q->len == QUOTED_MAX)
		return c == '.';
	return (c == '-' && q->len == 1 && q->line[0] == '-') ||
	       (c == ' ' && q->len == 4 && memcmp(q->line, "From", 4) == 0);
}

static void put_blank(struct quoted_encoder *q, bool at_end, struct strbuf *out)
{
	if (q->blank)
		put(q, q->blank, !at_end && !starts_badly(q, q->blank), out);
	q->blank = '\0';
}

void quoted_encode(struct quoted_encoder *q, struct span in, struct strbuf *out)
{
	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];
		put_blank(q, false, out);
		if (ascii_isblank(c))
			q->blank = c;
		else
			put(q, c, c > 0x20 && c < 0x7f && c != '=' && !starts_badly(q, c), out);
	}
}

void quoted_encode_eol(struct quoted_encoder *q, struct strbuf *out)
{
	put_blank(q, true, out);
	end_line(q, "\r\n", out);
}

void quoted_encode_end(struct quoted_encoder *q, struct strbuf *out)
{
	put_blank(q, true, out);
	end_line(q, "", out);
}

/* ---- base64 --------------------------------------------------------------------- */

static void put_line(struct base64_encoder *b, struct span in, struct strbuf *out)
{
	if (b->any)
		strbuf_add(out, "\r\n", 2);
	base64_encode(out, in);
	b->any = true;
}

void base64_lines_encode(struct base64_encoder *b, struct span in, struct strbuf *out)
{
	while (b->len + in.len >= BASE64_OCTETS) {
		size_t n = BASE64_OCTETS - b->len;
		if (b->len) {
			memcpy(b->held + b->len, in.ptr, n);
			put_line(b, span_make(b->held, BASE64_OCTETS), out);
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

void base64_lines_end(struct base64_encoder *b, struct strbuf *out)
{
	if (b->len)
		put_line(b, span_make(b->held, b->len), out);
	*b = BASE64_ENCODER_INIT;
}
