/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "header/header_lookahead.h"

#include "base/utf8.h"

#define INVALID_LINE "X-Invalid-Header-Line:"
#define MBOX_LINE_MAX 4096 /* a longer line is not a separator of an mbox */

void header_lookahead_release(struct header_lookahead *look)
{
	strbuf_release(&look->text);
	*look = HEADER_LOOKAHEAD_INIT;
}

/* A field of recipients whom the others must not see. */
static bool is_hidden(struct span name)
{
	const struct header_field field = {.name = name};
	return header_is(&field, "Bcc") || header_is(&field, "Resent-Bcc");
}

static bool belongs_to_header(struct span line)
{
	static const char *const names[] = {"To",	   "Cc",       "Bcc",	      "From",	     "Sender",
					    "Reply-To",	   "Subject",  "Date",	      "Message-ID",  "References",
					    "In-Reply-To", "Received", "Return-Path", "MIME-Version"};
	const char *colon = memchr(line.ptr, ':', line.len);
	struct header_field field = {.name = span_trim(span_sub(line, 0, (size_t)(colon - line.ptr)))};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (header_is(&field, names[i]))
			return true;
	return header_begins(&field, "Content-") || header_begins(&field, "Resent-");
}

/* Whether there is a time, and four digits somewhere after it, as in "From someone Sun Nov 22 10:30:00 2026". */
static bool has_date(struct span line)
{
	bool time = false;
	for (size_t i = 0, digits = 0; i < line.len; i++) {
		digits = ascii_isdigit(line.ptr[i]) ? digits + 1 : 0;
		if (time && digits == 4)
			return true;
		time |= digits == 2 && i >= 4 && line.ptr[i - 2] == ':' && ascii_isdigit(line.ptr[i - 3]);
	}
	return false;
}

static bool is_mbox_line(struct span line)
{
	return line.len <= MBOX_LINE_MAX && header_line_kind(line) == LINE_MBOX;
}

bool header_is_mbox_separator(struct span line)
{
	return line.len && line.ptr[0] == 'F' && is_mbox_line(line) && has_date(line);
}

size_t header_lookahead_mbox(const struct header_lookahead *look, bool first)
{
	struct span text = strbuf_span(&look->text);
	bool date = false;
	size_t at = 0, end = 0;
	for (; at < text.len; at = end) {
		const char *lf = memchr(text.ptr + at, '\n', text.len - at);
		end = lf ? (size_t)(lf - text.ptr) + 1 : text.len;
		struct span line = utf8_without_bom(span_sub(text, at, end));
		if (!is_mbox_line(line))
			break;
		date |= has_date(line) && (line.ptr[0] == 'F' || !first);
	}
	return date ? at : 0;
}

static bool is_after_mbox(const struct header_lookahead *look, bool first)
{
	return !look->past_mbox && (first || header_lookahead_mbox(look, first));
}

/* Joins the name with the colon in the last line. */
static void join_name(struct header_lookahead *look, size_t colon)
{
	size_t end = look->name + span_trim(span_make(look->text.buf + look->name, look->line - look->name)).len;
	memmove(look->text.buf + end, look->text.buf + colon, look->text.len - colon + 1);
	look->text.len -= colon - end;
	look->line = look->name;
}

/* As header_read_kind() of the last line, but a colon that continues a name makes a field of both lines. */
static enum header_line read_kind(struct header_lookahead *look)
{
	struct span line = span_sub(strbuf_span(&look->text), look->line, look->text.len);
	enum header_line kind = header_read_kind(line);
	if (kind != LINE_CONTINUATION || !look->named)
		return kind;
	size_t blank = 0;
	while (blank < line.len && (ascii_isblank(line.ptr[blank]) || line.ptr[blank] == '\r'))
		blank++;
	if (blank == line.len)
		return line.len < HEADER_NAME_MAX ? LINE_MORE : LINE_CONTINUATION;
	if (line.ptr[blank] != ':')
		return LINE_CONTINUATION;
	join_name(look, look->line + blank);
	return LINE_FIELD;
}

/* Of the line that is complete now. */
static void note_name(struct header_lookahead *look)
{
	struct span line = span_sub(strbuf_span(&look->text), look->line, look->text.len);
	struct span words = span_trim(utf8_without_bom(line));
	if (look->named && !words.len && line.len && ascii_isblank(line.ptr[0]))
		return;
	look->named = !look->forget && is_hidden(words);
	look->name = words.len ? (size_t)(words.ptr - look->text.buf) : look->line;
}

/* The last line is of that kind. */
static enum lookahead decide(struct header_lookahead *look, enum header_line kind, bool first)
{
	struct span line = span_sub(strbuf_span(&look->text), look->line, look->text.len);
	if (kind == LINE_EMPTY)
		return LOOKAHEAD_BODY;
	if (kind == LINE_FIELD && (belongs_to_header(utf8_without_bom(line)) || is_after_mbox(look, first)))
		return look->forget ? LOOKAHEAD_LATE : LOOKAHEAD_HEADER;
	look->past_mbox |= kind != LINE_MBOX;
	look->known = true;
	return LOOKAHEAD_MORE;
}

static void next_line(struct header_lookahead *look)
{
	note_name(look);
	if (look->forget)
		strbuf_reset(&look->text);
	look->line = look->text.len;
	look->known = false;
}

/* Adds octets up to and including an LF. */
static enum lookahead add_part(struct header_lookahead *look, struct span in, bool first)
{
	enum lookahead found = LOOKAHEAD_MORE;
	if (!look->forget || !look->known)
		strbuf_add_span(&look->text, in);
	if (!look->known) {
		enum header_line kind = read_kind(look);
		if (kind != LINE_MORE)
			found = decide(look, kind, first);
	}
	if (found == LOOKAHEAD_MORE && in.ptr[in.len - 1] == '\n')
		next_line(look);
	return found;
}

enum lookahead header_lookahead_add(struct header_lookahead *look, struct span in, bool first)
{
	while (in.len) {
		const char *lf = memchr(in.ptr, '\n', in.len);
		struct span part = span_sub(in, 0, lf ? (size_t)(lf - in.ptr) + 1 : in.len);
		enum lookahead found = add_part(look, part, first);
		in = span_sub(in, part.len, in.len);
		if (found != LOOKAHEAD_MORE) {
			strbuf_add_span(&look->text, in);
			return found;
		}
	}
	return !look->forget && look->text.len > HEADER_LOOKAHEAD_MAX ? LOOKAHEAD_BODY : LOOKAHEAD_MORE;
}

static void add_invalid(struct span line, struct strbuf *out)
{
	line = span_trim(line);
	if (!line.len)
		return;
	strbuf_adds(out, INVALID_LINE " ");
	for (size_t i = 0; i < line.len; i++)
		strbuf_addch(out, line.ptr[i] == '\r'				      ? ' '
				  : ascii_iscntrl(line.ptr[i]) && line.ptr[i] != '\t' ? '?'
										      : line.ptr[i]);
	strbuf_addch(out, '\n');
}

/* The field that the next line may continue. */
struct last_field {
	bool any;	 /* there is one */
	bool recipients; /* it is a list of recipients ... */
	bool hidden;	 /* ... whom the others must not see */
	bool comma;	 /* its last line so far ends with a comma */
};

static struct last_field field_of(struct span line)
{
	static const char *const shown[] = {"To", "Cc", "Resent-To", "Resent-Cc"};
	const char *colon = memchr(line.ptr, ':', line.len);
	struct header_field field = {.name = span_trim(span_sub(line, 0, (size_t)(colon - line.ptr)))};
	struct last_field last = {.any = true, .hidden = is_hidden(field.name)};
	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		last.recipients |= header_is(&field, shown[i]);
	last.recipients |= last.hidden;
	return last;
}

/* The line belongs to the field, or begins the next one. */
static void note_line(struct last_field *last, struct span line)
{
	struct span text = span_trim(line);
	if (header_line_kind(line) == LINE_FIELD)
		*last = field_of(line);
	last->comma = text.len && text.ptr[text.len - 1] == ',';
}

static size_t line_end(struct span text, size_t at)
{
	const char *lf = memchr(text.ptr + at, '\n', text.len - at);
	return lf ? (size_t)(lf - text.ptr) + 1 : text.len;
}

static struct last_field last_field_of(struct span header)
{
	struct last_field last = {.any = false};
	size_t from = header.len;
	while (from && (from == header.len || ascii_isblank(header.ptr[from]))) {
		const char *lf = from > 1 ? memrchr(header.ptr, '\n', from - 1) : NULL;
		from = lf ? (size_t)(lf - header.ptr) + 1 : 0;
	}
	for (size_t end; from < header.len; from = end) {
		end = line_end(header, from);
		note_line(&last, span_sub(header, from, end));
	}
	return last;
}

/* A list of recipients goes on after a comma: an address there is one of them.  Whatever looks like an address after a
 * Bcc may be one: it must not be shown. */
static bool lost_its_blank(const struct last_field *last, struct span line)
{
	return last->recipients && (last->comma || last->hidden) && line.len && memchr(line.ptr, '@', line.len) &&
	       !memchr(line.ptr, ':', line.len);
}

void header_lookahead_repair(const struct header_lookahead *look, struct span before, struct strbuf *out)
{
	struct last_field last = last_field_of(before);
	for (size_t at = 0, end; at < look->line; at = end) {
		end = line_end(span_make(look->text.buf, look->line), at);
		struct span line = utf8_without_bom(span_make(look->text.buf + at, end - at));
		enum header_line kind = header_line_kind(line);
		if (is_mbox_line(line))
			continue;
		if (lost_its_blank(&last, line) && kind == LINE_OTHER) {
			strbuf_adds(out,
				    last.comma ? " " : " , "); /* whoever is named before it stays a recipient, too */
			strbuf_add_span(out, line);
		} else if (kind == LINE_FIELD || (kind == LINE_CONTINUATION && last.any)) {
			strbuf_add_span(out, line);
		} else {
			add_invalid(line, out);
			last = (struct last_field){.any = out->len || last.any};
			continue;
		}
		note_line(&last, line);
	}
}
