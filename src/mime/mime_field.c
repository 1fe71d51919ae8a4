/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/mime_field.h"

#include "base/utf8.h"
#include "codec/line_limits.h"
#include "header/header_encode.h"
#include "header/header_scan.h"

#define CRLF "\r\n"

/* ---- folding -------------------------------------------------------------------------- */

/* Where a line may be broken: before a blank that has something on both sides; behind `from` something must have come
 * already.  line.len if nowhere. */
static size_t fold_place(struct span line, size_t from)
{
	size_t place = line.len;
	bool any = false;
	size_t last = line.len; /* blanks at the end are no place */
	while (last && ascii_isblank(line.ptr[last - 1]))
		last--;
	for (size_t i = from; i < last; i++) {
		bool blank = ascii_isblank(line.ptr[i]);
		if (blank && any && !ascii_isblank(line.ptr[i - 1])) {
			if (i > LINE_WANTED && place < line.len)
				break;
			place = i;
			if (i > LINE_WANTED)
				break;
		}
		any |= !blank;
	}
	return place;
}

static void fold_line(struct span line, size_t line_max, bool first, struct strbuf *out)
{
	const char *colon = first ? memchr(line.ptr, ':', line.len) : NULL;
	size_t from = colon ? (size_t)(colon - line.ptr) + 1 : 0;
	bool fold = line.len > line_max;
	while (fold && line.len > LINE_WANTED) {
		size_t place = fold_place(line, from);
		if (place == line.len)
			break;
		strbuf_add(out, line.ptr, place);
		strbuf_adds(out, CRLF);
		line = span_sub(line, place, line.len);
		from = 0;
	}
	strbuf_add_span(out, line);
}

void mime_field_fold(struct span raw, size_t line_max, struct strbuf *out)
{
	struct span line;
	bool first = true;
	while (span_split(&raw, '\n', &line)) {
		bool cr = line.len && line.ptr[line.len - 1] == '\r';
		line.len -= cr;
		fold_line(line, line_max, first, out);
		if (cr)
			strbuf_adds(out, CRLF);
		first = false;
	}
}

/* ---- changes --------------------------------------------------------------------------- */

static bool change_field(const struct header_field *field, const struct mime_field_changes *changes, struct strbuf *out,
			 struct error *err)
{
	AUTO(strbuf) encoded = STRBUF_INIT;
	struct span raw = field->raw;
	if (changes->encoding && header_is(field, "Content-Transfer-Encoding")) {
		strbuf_addf(out, "Content-Transfer-Encoding: %s" CRLF, changes->encoding);
		return true;
	}
	if (changes->ascii && !utf8_is_ascii(raw)) {
		if (!header_encode_field(raw, &encoded, err))
			return false;
		raw = strbuf_span(&encoded);
	}
	if (changes->line_max)
		mime_field_fold(raw, changes->line_max, out);
	else
		strbuf_add_span(out, raw);
	return true;
}

bool mime_fields_change(struct span block, const struct mime_field_changes *changes, struct strbuf *out,
			struct error *err)
{
	struct header_list list = HEADER_LIST_INIT;
	bool ok = true, has_encoding = false;
	size_t used = 0;
	header_scan(block, &list);
	for (size_t i = 0; ok && i < list.n; i++) {
		ok = change_field(&list.fields[i], changes, out, err);
		has_encoding |= header_is(&list.fields[i], "Content-Transfer-Encoding");
		used += list.fields[i].raw.len;
	}
	header_list_release(&list);
	if (changes->version)
		strbuf_adds(out, "MIME-Version: 1.0" CRLF);
	if (changes->type)
		strbuf_addf(out, "Content-Type: %s" CRLF, changes->type);
	if (changes->encoding && !has_encoding)
		strbuf_addf(out, "Content-Transfer-Encoding: %s" CRLF, changes->encoding);
	strbuf_add_span(out, span_sub(block, used, block.len));
	return ok;
}
