/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "codec/quoted_printable.h"

/* A line has room for one octet more, the "=" of a soft line break. */
#define QUOTED_MAX (LINE_LIMIT_ENCODED - 1)

static void flush_line(struct quoted_printable *q, const char *end, struct strbuf *out)
{
	strbuf_add(out, q->line, q->len);
	strbuf_adds(out, end);
	q->len = 0;
}

static void put(struct quoted_printable *q, char c, bool plain, struct strbuf *out)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t need = plain ? 1 : 3;
	if (q->len + need > QUOTED_MAX)
		flush_line(q, "=\r\n", out);
	if (plain) {
		q->line[q->len++] = c;
		return;
	}
	q->line[q->len++] = '=';
	q->line[q->len++] = hex[(unsigned char)c >> 4];
	q->line[q->len++] = hex[(unsigned char)c & 15];
}

/* Whether the line would begin like a boundary or an mbox separator, or with a dot, if c were not encoded. */
static bool needs_disguise(const struct quoted_printable *q, char c)
{
	if (q->len == 0 || q->len == QUOTED_MAX)
		return c == '.';
	return (c == '-' && q->len == 1 && q->line[0] == '-') ||
	       (c == ' ' && q->len == 4 && memcmp(q->line, "From", 4) == 0);
}

static void put_held(struct quoted_printable *q, bool at_line_end, struct strbuf *out)
{
	if (q->held)
		put(q, q->held, !at_line_end && !needs_disguise(q, q->held), out);
	q->held = '\0';
}

void quoted_printable_add(struct quoted_printable *q, struct span in, struct strbuf *out)
{
	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];
		put_held(q, false, out);
		if (ascii_isblank(c))
			q->held = c;
		else
			put(q, c, c > 0x20 && c < 0x7f && c != '=' && !needs_disguise(q, c), out);
	}
}

void quoted_printable_end_line(struct quoted_printable *q, struct strbuf *out)
{
	put_held(q, true, out);
	flush_line(q, "\r\n", out);
}

void quoted_printable_end(struct quoted_printable *q, struct strbuf *out)
{
	put_held(q, true, out);
	flush_line(q, "", out);
}

void quoted_printable_add_text(struct strbuf *out, struct span text)
{
	struct quoted_printable q = QUOTED_PRINTABLE_INIT;
	struct span line;
	while (text.len && span_split(&text, '\n', &line)) {
		line.len -= line.len && line.ptr[line.len - 1] == '\r';
		quoted_printable_add(&q, line, out);
		quoted_printable_end_line(&q, out);
	}
}
