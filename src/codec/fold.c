/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "codec/fold.h"

#define CRLF "\r\n"

struct fold fold_begin(struct strbuf *out, const char *eol)
{
	return (struct fold){.out = out, .eol = eol, .line = out->len};
}

size_t fold_column(const struct fold *f)
{
	return f->out->len - f->line;
}

void fold_add(struct fold *f, struct span text)
{
	const char *lf = text.len ? memrchr(text.ptr, '\n', text.len) : NULL;
	if (lf)
		f->line = f->out->len + (size_t)(lf - text.ptr) + 1;
	strbuf_add_span(f->out, text);
}

void fold_break(struct fold *f)
{
	strbuf_adds(f->out, f->eol);
	f->line = f->out->len;
}

void fold_space(struct fold *f, size_t width, size_t max)
{
	if (fold_column(f) && fold_column(f) + 1 + width > max)
		fold_break(f);
	strbuf_addch(f->out, ' ');
}

void fold_words(struct fold *f, struct span text, size_t max)
{
	bool first = true;
	for (struct span word; (word = span_word(&text)).len; first = false) {
		if (first)
			strbuf_addch(f->out, ' ');
		else
			fold_space(f, word.len, max);
		fold_add(f, word);
	}
}

/* ---- fields that exist already ------------------------------------------------------ */

/* Where the line may be broken: before a space or tab with text on both sides of it. Text before `from` (the name of
 * the field) is not counted. Returns line.len if there is no such place. */
static size_t find_break(struct span line, size_t from)
{
	size_t place = line.len, end = line.len;
	bool text_before = false;
	while (end && ascii_isblank(line.ptr[end - 1])) /* white space at the end has no text after it */
		end--;
	for (size_t i = from; i < end; i++) {
		bool blank = ascii_isblank(line.ptr[i]);
		if (blank && text_before && !ascii_isblank(line.ptr[i - 1])) {
			if (i > LINE_WANTED && place < line.len)
				break;
			place = i;
			if (i > LINE_WANTED)
				break;
		}
		text_before |= !blank;
	}
	return place;
}

/* The name with its colon; 0: there is none. */
static size_t name_length(struct span line)
{
	const char *colon = line.len ? memchr(line.ptr, ':', line.len) : NULL;
	return colon ? (size_t)(colon - line.ptr) + 1 : 0;
}

static void break_line(struct span line, size_t name_len, struct strbuf *out)
{
	while (line.len > LINE_WANTED) {
		size_t place = find_break(line, name_len);
		if (place == line.len)
			break;
		strbuf_add(out, line.ptr, place);
		strbuf_adds(out, CRLF);
		line = span_sub(line, place, line.len);
		name_len = 0;
	}
	strbuf_add_span(out, line);
}

void fold_long_lines(struct span field, size_t max, struct strbuf *out)
{
	struct span line;
	for (bool first = true; span_split(&field, '\n', &line); first = false) {
		bool cr = line.len && line.ptr[line.len - 1] == '\r';
		line.len -= cr;
		if (line.len > max)
			break_line(line, first ? name_length(line) : 0, out);
		else
			strbuf_add_span(out, line);
		if (cr)
			strbuf_adds(out, CRLF);
	}
}
