/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	xtext   = *( xchar / hexchar )					RFC 3461 section 4
 *	xchar   = any ASCII CHAR between "!" (33) and "~" (126) inclusive, except for "+" and "="
 *	hexchar = ASCII "+" immediately followed by two upper case hexadecimal digits
 *
 *	utf-8-addr-xtext    = 1*(QCHAR / EmbeddedUnicodeChar)		RFC 6533 section 3
 *	QCHAR               = %x21-2a / %x2c-3c / %x3e-5b / %x5d-7e
 *	EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}"			; "\x{...}"
 */
#include "codec/xtext.h"

#include "base/utf8.h"

static bool is_xchar(uint32_t c)
{
	return c > 0x20 && c < 0x7f && c != '+' && c != '=';
}

void xtext_add(struct strbuf *out, struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];
		if (is_xchar(c))
			strbuf_addch(out, (char)c);
		else
			strbuf_addf(out, "+%02X", c);
	}
}

void xtext_add_utf8(struct strbuf *out, struct span address)
{
	for (size_t i = 0; i < address.len;) {
		uint32_t cp = 0;
		size_t n = utf8_decode(span_sub(address, i, address.len), &cp);
		if (!n)
			strbuf_addch(out, '?');
		else if (is_xchar(cp) && cp != '\\')
			strbuf_addch(out, (char)cp);
		else
			strbuf_addf(out, "\\x{%02X}", (unsigned)cp);
		i += n ? n : 1;
	}
}

/* -1: not a hexadecimal digit. */
static int hex_digit(char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *at = c ? strchr(digits, ascii_upper(c)) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* The length of one element at the start of text, whose octet becomes *octet; 0: it is not valid. */
static size_t decode_xchar(struct span text, char *octet)
{
	*octet = text.ptr[0];
	if (*octet != '+')
		return is_xchar((unsigned char)*octet) ? 1 : 0;
	int high = text.len > 1 ? hex_digit(text.ptr[1]) : -1, low = text.len > 2 ? hex_digit(text.ptr[2]) : -1;
	*octet = (char)(high * 16 + low);
	return high >= 0 && low >= 0 ? 3 : 0;
}

bool xtext_decode(struct strbuf *out, struct span text)
{
	size_t before = out->len;
	for (size_t i = 0, n; i < text.len; i += n) {
		char octet;
		n = decode_xchar(span_sub(text, i, text.len), &octet);
		if (!n) {
			strbuf_setlen(out, before);
			return false;
		}
		strbuf_addch(out, octet);
	}
	return true;
}

static void add_utf8(struct strbuf *out, uint32_t cp)
{
	if (cp < 0x80) {
		strbuf_addch(out, (char)cp);
		return;
	}
	int more = cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;
	strbuf_addch(out, (char)((0xff00 >> (more + 1) & 0xff) | cp >> (6 * more)));
	while (more--)
		strbuf_addch(out, (char)(0x80 | (cp >> (6 * more) & 0x3f)));
}

/* The length of "\x{HHHH}" at the start of text, which is for the character *cp; 0: there is none. */
static size_t decode_embedded(struct span text, uint32_t *cp)
{
	size_t i = 3;
	*cp = 0;
	if (text.len < 5 || memcmp(text.ptr, "\\x{", 3) != 0)
		return 0;
	for (; i < text.len && i < 9 && hex_digit(text.ptr[i]) >= 0; i++)
		*cp = *cp * 16 + (uint32_t)hex_digit(text.ptr[i]);
	bool surrogate = *cp >= 0xd800 && *cp < 0xe000;
	return i > 3 && i < text.len && text.ptr[i] == '}' && *cp <= 0x10ffff && !surrogate ? i + 1 : 0;
}

bool xtext_decode_utf8(struct strbuf *out, struct span text)
{
	size_t before = out->len;
	for (size_t i = 0, n; i < text.len; i += n) {
		struct span rest = span_sub(text, i, text.len);
		uint32_t cp;
		n = rest.ptr[0] == '\\' ? decode_embedded(rest, &cp) : utf8_decode(rest, &cp);
		bool plain = rest.ptr[0] == '\\' || cp >= 0x80 || is_xchar(cp);
		if (!n || !plain) {
			strbuf_setlen(out, before);
			return false;
		}
		add_utf8(out, cp);
	}
	return true;
}
