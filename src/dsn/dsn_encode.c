/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsn/dsn_private.h"

#include "base/base64.h"
#include "base/clean_text.h"
#include "base/utf8.h"
#include "codec/xtext.h"

#define CRLF "\r\n"
#define LINE_COLUMNS 76
/* Of an encoded word 75 are allowed; "=?utf-8?B?" and "?=" take 12 of them: 45 octets are 60 characters. */
#define WORD_OCTETS 45

/* ---- fields --------------------------------------------------------------- */

/* Folds before a blank where the line would get too long; text is printable ASCII. */
static void add_folded(struct strbuf *out, const char *name, struct span text)
{
	size_t column = strlen(name) + 1;
	strbuf_addf(out, "%s:", name);
	text = span_trim(text);
	while (text.len) {
		const char *blank = memchr(text.ptr, ' ', text.len);
		struct span word = span_make(text.ptr, blank ? (size_t)(blank - text.ptr) : text.len);
		text = span_sub(text, word.len + (blank ? 1 : 0), text.len);
		if (!word.len)
			continue;
		if (column > strlen(name) + 1 && column + 1 + word.len > LINE_COLUMNS) {
			strbuf_adds(out, CRLF);
			column = 0;
		}
		strbuf_addch(out, ' ');
		strbuf_add_span(out, word);
		column += 1 + word.len;
	}
	strbuf_adds(out, CRLF);
}

void report_add_ascii(struct strbuf *out, const char *name, struct span value)
{
	AUTO(strbuf) plain = STRBUF_INIT;
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if (c < 0x80 || c >= 0xc0) /* one "?" per character, not per octet */
			strbuf_addch(&plain, c == '\t' || c == '\r' || c == '\n' ? ' '
					     : c >= 32 && c <= 126		 ? (char)c
										 : '?');
	}
	add_folded(out, name, strbuf_span(&plain));
}

/* How many octets of whole characters fit. */
static size_t whole_characters(struct span text, size_t room)
{
	size_t n = text.len < room ? text.len : room;
	while (n && n < text.len && ((unsigned char)text.ptr[n] & 0xc0) == 0x80)
		n--;
	return n ? n : room < text.len ? room : text.len;
}

void report_add_words(struct strbuf *out, const char *name, const char *value)
{
	AUTO_FREE char *clean = clean_text(span_of(value), 800);
	struct span text = span_of(clean);
	if (utf8_is_ascii(text) && !strstr(clean, "=?")) {
		report_add_ascii(out, name, text);
		return;
	}
	strbuf_addf(out, "%s:", name);
	for (bool first = true; text.len; first = false) {
		size_t n =
			whole_characters(text, first ? WORD_OCTETS - 12 : WORD_OCTETS); /* the name needs room, too */
		strbuf_addf(out, "%s =?utf-8?B?", first ? "" : CRLF);
		base64_encode(out, span_sub(text, 0, n));
		strbuf_adds(out, "?=");
		text = span_sub(text, n, text.len);
	}
	strbuf_adds(out, CRLF);
}

void report_add_address(struct strbuf *out, const char *name, const char *address)
{
	AUTO(strbuf) value = STRBUF_INIT;
	bool ascii = utf8_is_ascii(span_of(address));
	strbuf_adds(&value, ascii ? "rfc822; " : "utf-8; ");
	if (ascii)
		strbuf_adds(&value, address);
	else
		xtext_add_utf8(&value, span_of(address));
	for (size_t i = 0; i < value.len; i++) /* not folded: a blank within quotes is part of the address */
		if (ascii_iscntrl(value.buf[i]))
			value.buf[i] = '?';
	strbuf_addf(out, "%s: %s" CRLF, name, value.buf);
}
