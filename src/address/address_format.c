/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	phrase        = 1*word				RFC 5322 section 3.2.5
 *	word          = atom / quoted-string
 *	encoded-word  = "=?" charset "?" encoding "?" encoded-text "?="	RFC 2047 section 2
 *
 * An encoded-word has at most 75 octets, and a line with one at most 76.
 */
#include "address/address.h"

#include "base/base64.h"
#include "base/utf8.h"

#include <stdint.h>

#define LINE_WANTED 76
#define LONGEST_WORD 60 /* a word longer than this could not be folded as it is */
#define WORD_BEGIN "=?UTF-8?B?"
#define WORD_END "?="
#define WORD_OVERHEAD (sizeof(WORD_BEGIN WORD_END) - 1)
#define WORD_MAX 75

/* Columns used on the last line of out. */
static size_t column(const struct strbuf *out)
{
	const char *lf = out->len ? memrchr(out->buf, '\n', out->len) : NULL;
	return lf ? out->len - (size_t)(lf - out->buf) - 1 : out->len;
}

/* One line of valid UTF-8: control characters become blanks, runs of blanks one, what is no UTF-8 U+FFFD. */
static void clean(struct strbuf *out, struct span name)
{
	uint32_t cp = 0;
	for (size_t i = 0, n; i < name.len; i += n) {
		n = utf8_decode(span_sub(name, i, name.len), &cp);
		if (!n) {
			strbuf_adds(out, "\xef\xbf\xbd");
			n = 1;
		} else if (cp <= 0x20 || (cp >= 0x7f && cp < 0xa0)) {
			if (out->len && out->buf[out->len - 1] != ' ')
				strbuf_addch(out, ' ');
		} else {
			strbuf_add(out, name.ptr + i, n);
		}
	}
	if (out->len && out->buf[out->len - 1] == ' ')
		strbuf_setlen(out, out->len - 1);
}

static bool is_atoms(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (name.ptr[i] != ' ' && !address_is_atext(name.ptr[i]))
			return false;
	return true;
}

static size_t longest_word(struct span name)
{
	size_t longest = 0;
	for (struct span word; (word = span_word(&name)).len;)
		longest = word.len > longest ? word.len : longest;
	return longest;
}

/* Blanks are places to fold, inside a quoted-string too. */
static void add_ascii(struct strbuf *out, struct span name, bool quote)
{
	bool first = true;
	struct span start = name;
	if (column(out) > 1 && column(out) + 2 + span_word(&start).len > LINE_WANTED)
		strbuf_adds(out, "\r\n ");
	if (quote)
		strbuf_addch(out, '"');
	for (struct span word; (word = span_word(&name)).len; first = false) {
		if (!first)
			strbuf_adds(out, column(out) + 1 + word.len > LINE_WANTED ? "\r\n " : " ");
		for (size_t i = 0; i < word.len; i++) {
			if (quote && (word.ptr[i] == '"' || word.ptr[i] == '\\'))
				strbuf_addch(out, '\\');
			strbuf_addch(out, word.ptr[i]);
		}
	}
	if (quote)
		strbuf_addch(out, '"');
}

/* As many whole characters as fit into so many octets, at least one. */
static size_t whole_characters(struct span text, size_t max)
{
	uint32_t cp;
	size_t n = utf8_decode(text, &cp);
	for (size_t next; n < text.len && n + (next = utf8_decode(span_sub(text, n, text.len), &cp)) <= max;)
		n += next;
	return n;
}

static void add_encoded(struct strbuf *out, struct span name)
{
	bool first = true;
	for (; name.len; first = false) {
		size_t col = column(out);
		if (!first || col + WORD_OVERHEAD + 8 > LINE_WANTED) {
			strbuf_adds(out, "\r\n ");
			col = 1;
		}
		size_t room = LINE_WANTED - col < WORD_MAX ? LINE_WANTED - col : WORD_MAX;
		size_t n = whole_characters(name, (room - WORD_OVERHEAD) / 4 * 3);
		strbuf_adds(out, WORD_BEGIN);
		base64_encode(out, span_sub(name, 0, n));
		strbuf_adds(out, WORD_END);
		name = span_sub(name, n, name.len);
	}
}

void address_format_name(struct strbuf *out, struct span name)
{
	AUTO(strbuf) text = STRBUF_INIT;
	clean(&text, name);
	struct span sp = strbuf_span(&text);

	if (!utf8_is_ascii(sp) || longest_word(sp) > LONGEST_WORD)
		add_encoded(out, sp);
	else
		add_ascii(out, sp, !is_atoms(sp));
}
