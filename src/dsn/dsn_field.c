/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dsn/dsn_private.h"

#include "base/clean_text.h"
#include "base/utf8.h"
#include "codec/encoded_word.h"
#include "codec/line_limits.h"
#include "codec/xtext.h"

#define CRLF "\r\n"
#define WORDS_MAX 800
#define ESCAPE_MAX 10 /* octets of "\\x{10FFFF}" */

static struct fold begin_field(struct strbuf *out, const char *name)
{
	struct fold f = fold_begin(out, CRLF);
	strbuf_addf(out, "%s:", name);
	return f;
}

void dsn_field_ascii(struct strbuf *out, const char *name, struct span value)
{
	AUTO(strbuf) plain = STRBUF_INIT;
	struct fold f = begin_field(out, name);
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];
		if (c < 0x80 || c >= 0xc0) /* one "?" per character, not per octet */
			strbuf_addch(&plain, c == '\t' || c == '\r' || c == '\n' ? ' '
					     : c >= 32 && c <= 126		 ? (char)c
										 : '?');
	}
	fold_words(&f, strbuf_span(&plain), LINE_LIMIT_ENCODED);
	fold_break(&f);
}

void dsn_field_text(struct strbuf *out, const char *name, const char *value)
{
	AUTO_FREE char *clean = clean_text(span_of(value), WORDS_MAX);
	if (utf8_is_ascii(span_of(clean)) && !strstr(clean, "=?")) {
		dsn_field_ascii(out, name, span_of(clean));
		return;
	}
	struct fold f = begin_field(out, name);
	strbuf_addch(out, ' ');
	encoded_word_add(&f, span_of(clean), ENCODED_WORD_TEXT, 'B');
	fold_break(&f);
}

/* The length of the part of an address that fits, without a half "\\x{...}" at its end. */
static size_t whole_part(struct span address, size_t room)
{
	for (size_t i = 0; i < ESCAPE_MAX && i < room; i++) {
		char c = address.ptr[room - 1 - i];
		if (c == '}')
			break;
		if (c == '\\')
			return room - 1 - i;
	}
	return room;
}

void dsn_field_address(struct strbuf *out, const char *name, const char *address)
{
	AUTO(strbuf) value = STRBUF_INIT;
	bool ascii = utf8_is_ascii(span_of(address));
	strbuf_adds(&value, ascii ? "rfc822; " : "utf-8; ");
	if (ascii)
		strbuf_adds(&value, address);
	else
		xtext_add_utf8(&value, span_of(address));
	for (size_t i = 0; i < value.len;
	     i++) /* it is not folded, because a space within quotes is part of the address */
		if (ascii_iscntrl(value.buf[i]))
			value.buf[i] = '?';
	size_t room = LINE_LIMIT - strlen(name) - 2;
	if (value.len > room) {
		strbuf_setlen(&value, whole_part(strbuf_span(&value), room - strlen(CLEAN_CUT)));
		strbuf_adds(&value, CLEAN_CUT);
	}
	strbuf_addf(out, "%s: %s" CRLF, name, value.buf);
}
