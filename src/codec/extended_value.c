/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	extended-other-values = *(ext-octet / attribute-char)			RFC 2231 section 7
 *	ext-octet             = "%" 2(DIGIT / "A" / "B" / "C" / "D" / "E" / "F")
 *	attribute-char        = any (US-ASCII) CHAR except SPACE, CTLs, "*", "'", "%", or tspecials
 */
#include "codec/extended_value.h"

#include "base/utf8.h"

/* An attribute-char, except "{" and "}", which RFC 8187 section 3.2.1 leaves out. */
static bool is_attribute_char(char c)
{
	return ascii_isalnum(c) || (c && strchr("!#$&+-.^_`|~", c));
}

void extended_value_add(struct strbuf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (is_attribute_char(text.ptr[i]))
			strbuf_addch(out, text.ptr[i]);
		else
			strbuf_addf(out, "%%%02X", (unsigned char)text.ptr[i]);
	}
}

static size_t encoded_length(struct span text)
{
	size_t n = 0;
	for (size_t i = 0; i < text.len; i++)
		n += is_attribute_char(text.ptr[i]) ? 1 : 3;
	return n;
}

size_t extended_value_fitting(struct span text, size_t room)
{
	uint32_t cp;
	size_t at = 0, used = 0;
	while (at < text.len) {
		size_t n = utf8_decode(span_sub(text, at, text.len), &cp);
		n = n ? n : 1;
		used += encoded_length(span_sub(text, at, at + n));
		if (at && used > room)
			break;
		at += n;
	}
	return at;
}

static int hex_digit(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void extended_value_decode(struct strbuf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		int high = i + 2 < text.len && text.ptr[i] == '%' ? hex_digit(text.ptr[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
		strbuf_addch(out, low >= 0 ? (char)(high * 16 + low) : text.ptr[i]);
		i += low >= 0 ? 2 : 0;
	}
}
