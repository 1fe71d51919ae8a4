/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/mime_field.h"

#include "base/utf8.h"
#include "codec/fold.h"
#include "header/header_encode.h"
#include "header/header_scan.h"

#define CRLF "\r\n"

static size_t longest_line(struct span text)
{
	size_t longest = 0;
	for (struct span line; span_split(&text, '\n', &line);) {
		size_t len = line.len - (line.len && line.ptr[line.len - 1] == '\r');
		longest = len > longest ? len : longest;
	}
	return longest;
}

static bool encode_field(struct span raw, const struct mime_field_changes *changes, struct strbuf *out,
			 struct error *err)
{
	if (header_encode_field(raw, &changes->header, out, changes->keep_addresses ? NULL : err))
		return true;
	if (changes->keep_addresses)
		strbuf_add_span(out, raw);
	return changes->keep_addresses;
}

/* Encodes text that is too long to be sent as it is and has no space to fold at, if that makes it shorter: what has no
 * place for encoded text is only damaged by it. */
static void shorten(struct span raw, bool is_field, const struct mime_field_changes *changes, struct strbuf *out)
{
	AUTO(strbuf) folded = STRBUF_INIT;
	AUTO(strbuf) encoded = STRBUF_INIT;
	AUTO(strbuf) words = STRBUF_INIT;
	if (!changes->line_max ||
	    !is_field) { /* what is no field would become one, or end the header, if it were folded */
		strbuf_add_span(out, raw);
		return;
	}
	fold_long_lines(raw, changes->line_max, &folded);
	size_t longest = longest_line(strbuf_span(&folded));
	bool is_encoded =
		longest > changes->line_max && header_encode_long_field(raw, &changes->header, &encoded, NULL);
	if (is_encoded) /* between its words there may be long runs of spaces */
		fold_long_lines(strbuf_span(&encoded), changes->line_max, &words);
	bool shorter = is_encoded && longest_line(strbuf_span(&words)) < longest;
	strbuf_add_span(out, strbuf_span(shorter ? &words : &folded));
}

static bool change_field(const struct header_field *field, const struct mime_field_changes *changes, struct strbuf *out,
			 struct error *err)
{
	AUTO(strbuf) encoded = STRBUF_INIT;
	struct span raw = field->raw;
	if (changes->encoding && header_is(field, "Content-Transfer-Encoding")) {
		strbuf_addf(out, "Content-Transfer-Encoding: %s" CRLF, changes->encoding);
		return true;
	}
	if ((changes->encode && !utf8_is_ascii(raw)) || (changes->utf8 && !utf8_valid(raw))) {
		if (!encode_field(raw, changes, &encoded, err))
			return false;
		raw = strbuf_span(&encoded);
	}
	shorten(raw, field->name.len, changes, out);
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
