/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/pin.h"

#include "base/base64.h"
#include "base/clean_text.h"
#include "base/i18n.h"

static int hex_value(char c)
{
	if (ascii_isdigit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool tls_fingerprint_parse(const char *hex, unsigned char out[32], size_t *len, struct error *err)
{
	unsigned char bytes[32];
	size_t n = 0;
	for (const char *p = hex; *p;) {
		/* separators are allowed between pairs, not within one */
		if (n && (*p == ':' || *p == ' ') && hex_value(p[1]) >= 0)
			p++;
		int high = hex_value(p[0]), low = high < 0 ? -1 : hex_value(p[1]);
		if (low < 0) {
			AUTO_FREE char *shown = clean_text(span_of(hex), 120);
			return error_set(err, ERROR_CONFIG,
					 _("the fingerprint \"%s\" is not pairs of hexadecimal digits"), shown);
		}
		if (n < sizeof(bytes))
			bytes[n] = (unsigned char)(high << 4 | low);
		n++;
		p += 2;
	}
	if (n != 32 && n != 20 && n != 16)
		return error_set(
			err, ERROR_CONFIG,
			_("a fingerprint needs 32 bytes in hexadecimal (SHA-256), 20 (SHA-1) or 16 (MD5), got %zu"), n);
	memcpy(out, bytes, n);
	*len = n;
	return true;
}

bool tls_pin_parse(struct span text, unsigned char out[TLS_PIN_BYTES])
{
	static const char prefix[] = TLS_PIN_PREFIX;
	AUTO(strbuf) bytes = STRBUF_INIT;
	if (text.len < sizeof(prefix) || memcmp(text.ptr, prefix, sizeof(prefix) - 1) != 0 ||
	    !base64_decode(&bytes, span_sub(text, sizeof(prefix) - 1, text.len)) || bytes.len != TLS_PIN_BYTES)
		return false;
	memcpy(out, bytes.buf, TLS_PIN_BYTES);
	return true;
}

char *tls_pin_text(const unsigned char bytes[TLS_PIN_BYTES])
{
	struct strbuf text = STRBUF_INIT;
	strbuf_adds(&text, TLS_PIN_PREFIX);
	base64_encode(&text, span_make((const char *)bytes, TLS_PIN_BYTES));
	return strbuf_detach(&text, NULL);
}
