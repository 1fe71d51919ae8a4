/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clean_text.h"

#include "base/strbuf.h"
#include "base/utf8.h"
#include "base/xalloc.h"

/* How much at the start is printable ASCII, and not a cut. */
static size_t plain_length(struct span text)
{
	size_t n = 0;
	while (n < text.len && text.ptr[n] >= ' ' && text.ptr[n] <= '~' && text.ptr[n] != CLEAN_CUT[0])
		n++;
	return n;
}

char *clean_text(struct span raw, size_t max)
{
	struct strbuf sb = STRBUF_INIT;
	raw = span_trim(raw);
	for (size_t i = 0; i < raw.len;) {
		struct span rest = span_sub(raw, i, raw.len);
		size_t plain = plain_length(rest);
		if (plain && plain <= max - sb.len) {
			strbuf_add(&sb, rest.ptr, plain);
			i += plain;
			continue;
		}
		bool space = raw.ptr[i] == '\r' || raw.ptr[i] == '\n' || raw.ptr[i] == '\t';
		size_t n = space ? 0 : utf8_printable(rest);
		/* A cut that was made before needs no second one. */
		if (sb.len + (n ? n : 1) > max || span_equals_str(rest, CLEAN_CUT)) {
			strbuf_adds(&sb, CLEAN_CUT);
			break;
		}
		if (n)
			strbuf_add(&sb, raw.ptr + i, n);
		else if (!space)
			strbuf_addch(&sb, '?');
		else if (sb.len && sb.buf[sb.len - 1] != ' ')
			strbuf_addch(&sb, ' ');
		i += n ? n : 1;
	}
	return strbuf_detach(&sb, NULL);
}

char *clean_lines(struct span raw, size_t max)
{
	struct strbuf sb = STRBUF_INIT;
	struct span line;
	raw = span_trim(raw);
	while (sb.len <= max && span_split(&raw, '\n', &line)) {
		AUTO_FREE char *clean = sb.len < max ? clean_text(line, max - sb.len) : xstrdup(CLEAN_CUT);
		strbuf_addf(&sb, "%s%s", sb.len ? "\n" : "", clean);
	}
	return strbuf_detach(&sb, NULL);
}
