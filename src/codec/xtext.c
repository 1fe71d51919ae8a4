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
