/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	field       =  field-name ":" unstructured CRLF		RFC 5322 section 2.2
 *	obs-optional = field-name *WSP ":" unstructured CRLF	section 4.5.8
 *	field-name  =  1*ftext
 *	ftext       =  %d33-57 / %d59-126			section 3.6.8
 */
#include "header/header_scan.h"

#include "base/utf8.h"
#include "base/xalloc.h"

void header_list_release(struct header_list *list)
{
	free(list->fields);
	*list = HEADER_LIST_INIT;
}

/* Compares octets with text, skipping CRs; begins: sp may go on after the text. */
static bool compare(struct span sp, const char *text, bool begins)
{
	for (size_t i = 0; i < sp.len && (*text || !begins); i++) {
		if (sp.ptr[i] == '\r')
			continue;
		if (!*text || ascii_lower(sp.ptr[i]) != ascii_lower(*text))
			return false;
		text++;
	}
	return !*text;
}

static bool equals_skipping_cr(struct span sp, const char *text)
{
	return compare(sp, text, false);
}

/* The kind of a line whose name is followed by white space and then by something other than a colon. */
static enum header_line kind_without_colon(struct span name)
{
	bool from = equals_skipping_cr(name, "From") || equals_skipping_cr(name, ">From");
	/* An mbox has exactly this form; "from here on" is a sentence. */
	return from && memchr(name.ptr, 'F', name.len) ? LINE_MBOX : LINE_OTHER;
}

enum header_line header_line_kind(struct span start)
{
	size_t name_end = 0; /* 0: still in the name */
	bool any = false;    /* an octet that is not a CR was seen */

	for (size_t i = 0; i < start.len && i < HEADER_NAME_MAX; i++) {
		char c = start.ptr[i];
		if (c == '\r')
			continue;
		if (!any && (c == '\n' || ascii_isblank(c)))
			return c == '\n' ? LINE_EMPTY : LINE_CONTINUATION;
		if (c == ':')
			return any ? LINE_FIELD : LINE_OTHER;
		any = true;
		if (ascii_isblank(c)) {
			if (!name_end)
				name_end = i;
		} else if (name_end && c != '\n') {
			return kind_without_colon(span_sub(start, 0, name_end));
		} else if (c < 33 || c > 126) { /* also what is above 127, whatever char's sign */
			return LINE_OTHER;
		}
	}
	return start.len < HEADER_NAME_MAX ? LINE_MORE : LINE_OTHER;
}

enum header_line header_read_kind(struct span start)
{
	if (start.len < strlen(UTF8_BOM) && memcmp(start.ptr, UTF8_BOM, start.len) == 0)
		return LINE_MORE;
	enum header_line kind = header_line_kind(utf8_without_bom(start));
	return kind == LINE_MORE && start.len >= HEADER_NAME_MAX ? LINE_OTHER : kind;
}

bool header_line_is_field(struct span line)
{
	return header_line_kind(line) == LINE_FIELD;
}

/* The end of the line that begins at `from`, including its LF. */
static size_t line_end(struct span block, size_t from)
{
	const char *lf = memchr(block.ptr + from, '\n', block.len - from);
	return lf ? (size_t)(lf - block.ptr) + 1 : block.len;
}

static struct header_field field_of(struct span line)
{
	struct header_field field = {.name = {line.ptr, 0}, .raw = line, .value = line};
	if (!header_line_is_field(line))
		return field;
	size_t colon = (size_t)((const char *)memchr(line.ptr, ':', line.len) - line.ptr);
	field.name = span_trim(span_sub(line, 0, colon));
	field.value = span_sub(line, colon + 1, line.len);
	return field;
}

void header_scan(struct span block, struct header_list *list)
{
	for (size_t at = 0, end; at < block.len; at = end) {
		end = line_end(block, at);
		struct span line = span_sub(block, at, end);
		enum header_line kind = header_line_kind(line);
		if (kind == LINE_EMPTY)
			return;
		if (kind == LINE_CONTINUATION && list->n) {
			struct header_field *last = &list->fields[list->n - 1];
			last->raw.len += line.len;
			last->value.len += line.len;
			continue;
		}
		GROW(list->fields, list->n, list->cap);
		list->fields[list->n++] = field_of(line);
	}
}

bool header_is(const struct header_field *field, const char *name)
{
	return equals_skipping_cr(field->name, name);
}

bool header_begins(const struct header_field *field, const char *prefix)
{
	return compare(field->name, prefix, true);
}

const struct header_field *header_find(const struct header_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (header_is(&list->fields[i], name))
			return &list->fields[i];
	return NULL;
}

void header_value(const struct header_field *field, struct strbuf *out)
{
	struct span value = span_trim(field->value);
	strbuf_grow(out, value.len);
	for (size_t i = 0; i < value.len; i++)
		if (value.ptr[i] != '\r' && value.ptr[i] != '\n')
			strbuf_addch(out, value.ptr[i]);
}

bool header_is_empty(const struct header_field *field)
{
	return span_trim(field->value).len == 0;
}
