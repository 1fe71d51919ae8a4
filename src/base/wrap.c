/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/wrap.h"

#include "base/utf8.h"

struct range {
	uint32_t first, last;
};

static const struct range wide[] = {
	{0x1100, 0x115f}, {0x2e80, 0x303e},   {0x3041, 0x33ff},	  {0x3400, 0x4dbf},   {0x4e00, 0x9fff},
	{0xa000, 0xa4cf}, {0xac00, 0xd7a3},   {0xf900, 0xfaff},	  {0xfe30, 0xfe6f},   {0xff01, 0xff60},
	{0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
};
static const struct range combining[] = {
	{0x0300, 0x036f}, {0x200b, 0x200f}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
};

static bool is_in(uint32_t cp, const struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	return false;
}

static bool is_wide(uint32_t cp)
{
	return is_in(cp, wide, ARRAY_SIZE(wide));
}

/* Takes the next character; an invalid octet is one. */
static uint32_t take(struct span *rest)
{
	uint32_t cp = 0xfffd;
	size_t n = utf8_decode(*rest, &cp);
	*rest = span_sub(*rest, n ? n : 1, rest->len);
	return cp;
}

static size_t width_of(uint32_t cp)
{
	return is_wide(cp) ? 2 : is_in(cp, combining, ARRAY_SIZE(combining)) ? 0 : 1;
}

size_t wrap_width(struct span text)
{
	size_t columns = 0;
	while (text.len)
		columns += width_of(take(&text));
	return columns;
}

static bool is_one_of(uint32_t cp, const char *characters)
{
	struct span rest = span_of(characters);
	while (rest.len)
		if (take(&rest) == cp)
			return true;
	return false;
}

/* May a line end between these two? */
static bool may_break(uint32_t before, uint32_t after)
{
	return (is_wide(before) || is_wide(after)) && !is_one_of(before, "([{\"“‘«（「『【《〈") &&
	       !is_one_of(after, ")]}\".,:;!?%”’»）」』】》〉、。，．：；！？ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ");
}

/* Takes what may not be divided. *blank: there is a blank before it. */
static struct span take_piece(struct span *rest, bool *blank)
{
	size_t at = 0;
	while (at < rest->len && strchr(" \t\r\n", rest->ptr[at]))
		at++;
	*blank = at > 0;
	struct span piece = span_sub(*rest, at, rest->len);
	*rest = piece;
	uint32_t before = 0;
	while (rest->len && !strchr(" \t\r\n", rest->ptr[0])) {
		struct span next = *rest;
		uint32_t cp = take(&next);
		if (before && may_break(before, cp))
			break;
		before = cp;
		*rest = next;
	}
	return span_sub(piece, 0, piece.len - rest->len);
}

void wrap_add(struct strbuf *out, const char *text, size_t at, size_t indent, size_t columns)
{
	struct span rest = span_of(text), piece;
	bool first = true, blank;
	while ((piece = take_piece(&rest, &blank)).len) {
		size_t width = wrap_width(piece);
		blank = blank && !first;
		if (!first && at + blank + width > columns) {
			strbuf_addf(out, "\n%*s", (int)indent, "");
			at = indent;
			blank = false;
		}
		if (blank)
			strbuf_addch(out, ' ');
		strbuf_add_span(out, piece);
		at += blank + width;
		first = false;
	}
	strbuf_addch(out, '\n');
}
