/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/ca_bundle.h"

#include "base/strbuf.h"

#include <stdint.h>

#define BEGIN_LINE "-----BEGIN CERTIFICATE-----"
#define END_LINE "-----END CERTIFICATE-----"

/* Value + 1 of each base64 character; 0: not one. */
static const unsigned char digit[256] = {
	['A'] = 1,  ['B'] = 2,	['C'] = 3,  ['D'] = 4,	['E'] = 5,  ['F'] = 6,	['G'] = 7,  ['H'] = 8,
	['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
	['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
	['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
	['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
	['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
	['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
	['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64,
};

/* A certificate, decoded as far as it was needed so far. */
struct decoder {
	struct span text; /* the base64 text not decoded yet */
	struct strbuf der;
};

#define STEP 256 /* bytes decoded beyond what was asked for, to keep the number of calls low */

/* Decodes until at least need bytes are available; false if the certificate has fewer. */
static bool decode_to(struct decoder *d, size_t need)
{
	if (d->der.len >= need)
		return true;
	if (need - d->der.len > d->text.len)
		return false; /* the length in the DER is wrong */
	strbuf_grow(&d->der, need - d->der.len + STEP + 3);
	const unsigned char *p = (const unsigned char *)d->text.ptr, *end = p + d->text.len;
	char *out = d->der.buf + d->der.len, *stop = d->der.buf + need + STEP;
	while (out < stop) {
		while (p < end && (*p == '\n' || *p == '\r'))
			p++;
		if (end - p < 4)
			break;
		unsigned a = digit[p[0]], b = digit[p[1]], c = digit[p[2]], e = digit[p[3]];
		if (!a || !b || !c || !e)
			break; /* padding: near the end, far after the subject */
		uint32_t v = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (e - 1);
		*out++ = (char)(v >> 16);
		*out++ = (char)(v >> 8);
		*out++ = (char)v;
		p += 4;
	}
	d->text = span_make((const char *)p, (size_t)(end - p));
	strbuf_setlen(&d->der, (size_t)(out - d->der.buf));
	return d->der.len >= need;
}

/* Reads the head of the DER element at offset at: its tag, where its content begins and how long it is. */
static bool element(struct decoder *d, size_t at, unsigned char *tag, size_t *content, size_t *len)
{
	if (!decode_to(d, at + 6))
		return false;
	const unsigned char *p = (const unsigned char *)d->der.buf + at;
	*tag = p[0];
	if (p[1] < 0x80) {
		*content = at + 2;
		*len = p[1];
		return true;
	}
	size_t n = p[1] & 0x7fu;
	if (n < 1 || n > 3)
		return false;
	*len = 0;
	for (size_t i = 0; i < n; i++)
		*len = *len << 8 | p[2 + i];
	*content = at + 2 + n;
	return true;
}

/*
 * RFC 5280 section 4.1:
 *   Certificate ::= SEQUENCE { tbsCertificate, ... }
 *   TBSCertificate ::= SEQUENCE { version [0] OPTIONAL, serialNumber INTEGER, signature SEQUENCE,
 *	issuer SEQUENCE, validity SEQUENCE, subject SEQUENCE, ... }
 */
static bool find_subject(struct decoder *d, struct span *subject)
{
	unsigned char tag;
	size_t at, len;
	if (!element(d, 0, &tag, &at, &len) || tag != 0x30 || !element(d, at, &tag, &at, &len) || tag != 0x30)
		return false;
	for (int field = 0; field < 4; field++) { /* serial number to validity */
		size_t content;
		if (!element(d, at, &tag, &content, &len))
			return false;
		if (field == 0 && tag == 0xa0)
			field = -1; /* this was the optional version: the serial number comes next */
		else if (tag != (field == 0 ? 0x02 : 0x30))
			return false;
		at = content + len;
	}
	size_t content;
	if (!element(d, at, &tag, &content, &len) || tag != 0x30 || !decode_to(d, content + len))
		return false;
	*subject = span_make(d->der.buf + at, content - at + len);
	return true;
}

static bool next_block(struct span *rest, struct span *block, struct span *inside)
{
	char *begin = rest->len ? memmem(rest->ptr, rest->len, BEGIN_LINE, sizeof(BEGIN_LINE) - 1) : NULL;
	if (!begin)
		return false;
	const char *text = begin + sizeof(BEGIN_LINE) - 1, *stop = rest->ptr + rest->len;
	const char *dash = memchr(text, '-', (size_t)(stop - text)); /* "-" is not in the base64 alphabet */
	if (!dash || (size_t)(stop - dash) < sizeof(END_LINE) - 1)
		return false;
	*inside = span_make(text, (size_t)(dash - text));
	size_t tail = memcmp(dash, END_LINE, sizeof(END_LINE) - 1) == 0 ? sizeof(END_LINE) - 1 : 0;
	*block = span_make(begin, (size_t)(dash - begin) + tail);
	*rest = span_make(dash + tail, (size_t)(stop - dash) - tail);
	return true;
}

bool ca_bundle_has_certificate(struct span bundle)
{
	struct span block, inside;
	return next_block(&bundle, &block, &inside);
}

size_t ca_bundle_find(struct span bundle, const struct span *wanted, size_t n, ca_bundle_hit *hit, void *arg)
{
	size_t found = 0;
	struct span block, inside;
	AUTO(strbuf) der = STRBUF_INIT;
	while (next_block(&bundle, &block, &inside)) {
		strbuf_reset(&der);
		struct decoder d = {.text = inside, .der = der};
		struct span subject;
		bool ok = find_subject(&d, &subject);
		der = d.der; /* one buffer for all certificates */
		for (size_t i = 0; ok && i < n; i++) {
			if (!span_equal(subject, wanted[i]))
				continue;
			hit(arg, block);
			found++;
			break;
		}
	}
	return found;
}
