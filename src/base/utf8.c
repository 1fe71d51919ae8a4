/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"

size_t utf8_decode(struct span sp, uint32_t *cp)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	if (!sp.len)
		return 0;
	const unsigned char *p = (const unsigned char *)sp.ptr;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	size_t n = p[0] >= 0xf0 && p[0] < 0xf8	 ? 4
		   : p[0] >= 0xe0 && p[0] < 0xf0 ? 3
		   : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
						 : 0;
	if (!n || sp.len < n)
		return 0;
	uint32_t c = p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*cp = c;
	return n;
}

bool utf8_valid(struct span sp)
{
	uint32_t cp;
	for (size_t i = 0, n; i < sp.len; i += n) {
		n = utf8_decode(span_sub(sp, i, sp.len), &cp);
		if (!n)
			return false;
	}
	return true;
}

struct span utf8_without_bom(struct span text)
{
	size_t n = strlen(UTF8_BOM);
	return text.len >= n && memcmp(text.ptr, UTF8_BOM, n) == 0 ? span_sub(text, n, text.len) : text;
}

bool utf8_is_ascii(struct span sp)
{
	for (size_t i = 0; i < sp.len; i++)
		if ((unsigned char)sp.ptr[i] > 0x7f)
			return false;
	return true;
}

size_t utf8_printable(struct span sp)
{
	uint32_t cp = 0;
	size_t n = utf8_decode(sp, &cp);
	if (!n || cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029 ||
	    (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff)
		return 0;
	return n;
}
