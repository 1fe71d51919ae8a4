/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	encoded-word  =  "=?" charset "?" encoding "?" encoded-text "?="	RFC 2047 section 2
 *	charset       =  token
 *	encoding      =  token
 *	token         =  1*<Any CHAR except SPACE, CTLs, and especials>
 *	especials     =  "(" / ")" / "<" / ">" / "@" / "," / ";" / ":" / "
 *			 <"> / "/" / "[" / "]" / "?" / "." / "="
 *	encoded-text  =  1*<Any printable ASCII character other than "?" or SPACE>
 */
#include "codec/encoded_word.h"

#include "base/base64.h"
#include "base/utf8.h"

#define END "?="

/* Octets that are not UTF-8 are in a charset that the sender knew (RFC 1428). */
static const char *charset_of(struct span text)
{
	return utf8_valid(text) ? "UTF-8" : "unknown-8bit";
}

static size_t overhead(const char *charset)
{
	return strlen("=?"
		      "?Q?" END) +
	       strlen(charset);
}

/* The length of the first character, or of the first octet if it is not one. */
static size_t character(struct span text)
{
	uint32_t cp;
	size_t n = utf8_decode(text, &cp);
	return n ? n : 1;
}

static bool q_plain(char c, enum encoded_word_place place)
{
	if (ascii_isalnum(c))
		return true;
	if (place == ENCODED_WORD_PHRASE)
		return c && strchr("!*+-/", c); /* rule (3) */
	/* Section 4.2: printable, but not "=", "?" or "_". Quotes, parentheses and other characters that gateways are
	 * known to damage are encoded, too. */
	return c && strchr("!*+-/,.:;'&%$#@<>^|~{}", c);
}

static size_t q_length(struct span text, enum encoded_word_place place)
{
	size_t n = 0;
	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == ' ' || q_plain(text.ptr[i], place) ? 1 : 3;
	return n;
}

static void q_add(struct strbuf *out, struct span text, enum encoded_word_place place)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == ' ')
			strbuf_addch(out, '_');
		else if (q_plain(c, place))
			strbuf_addch(out, c);
		else
			strbuf_addf(out, "=%02X", (unsigned char)c);
	}
}

static size_t encoded_length(struct span text, enum encoded_word_place place, char encoding)
{
	return encoding == 'B' ? (text.len + 2) / 3 * 4 : q_length(text, place);
}

char encoded_word_shorter(struct span text, enum encoded_word_place place)
{
	return encoded_length(text, place, 'B') < encoded_length(text, place, 'Q') ? 'B' : 'Q';
}

size_t encoded_word_length(struct span text, enum encoded_word_place place, char encoding)
{
	return overhead(charset_of(text)) + encoded_length(text, place, encoding);
}

/* How many octets of text go into at most room octets of encoded-text. No character is divided, and one is always
 * taken. */
static size_t fitting(struct span text, enum encoded_word_place place, char encoding, size_t room)
{
	size_t n = character(text);
	for (size_t next; n < text.len; n = next) {
		next = n + character(span_sub(text, n, text.len));
		if (encoded_length(span_sub(text, 0, next), place, encoding) > room)
			break;
	}
	return n;
}

/* The longest part of text[0, max) that ends between characters and needs no padding in base64; 0 if there is none.
 * max is less than text.len. */
static size_t unpadded(struct span text, size_t max)
{
	size_t found = 0;
	for (size_t n = 0; n <= max; n += character(span_sub(text, n, text.len)))
		if (n % 3 == 0)
			found = n;
	return found;
}

/* How a row of words is written. */
struct row {
	const char *charset;
	enum encoded_word_place place;
	char encoding;
};

/* Appends one word of at most max octets and returns how many octets of text are in it. */
static size_t add_word(struct strbuf *out, struct span text, const struct row *row, size_t max)
{
	size_t room = max > overhead(row->charset) ? max - overhead(row->charset) : 0;
	enum encoded_word_place place = row->place;
	char encoding = row->encoding;
	size_t n = fitting(text, place, encoding, room);
	if (encoding == 'B' && n < text.len) {
		/* GMime joins the base64 words of a row before it decodes them, and stops at the first padding. Where
		 * every cut would need padding ("a" before characters of three octets), a word in Q divides the row. */
		n = unpadded(text, n);
		if (!n) {
			encoding = 'Q';
			n = fitting(text, place, encoding, room);
		}
	}
	struct span part = span_sub(text, 0, n);
	strbuf_addf(out, "=?%s?%c?", row->charset, encoding);
	if (encoding == 'B')
		base64_encode(out, part);
	else
		q_add(out, part, place);
	strbuf_adds(out, END);
	return n;
}

void encoded_word_add(struct fold *f, struct span text, enum encoded_word_place place, char encoding)
{
	const struct row row = {.charset = charset_of(text), .place = place, .encoding = encoding};
	for (size_t at = 0; at < text.len;) {
		if (at) {
			fold_break(f);
			strbuf_addch(f->out, ' ');
		}
		size_t used = fold_column(f) + ENCODED_WORD_ROOM_AFTER;
		size_t room = used < LINE_LIMIT_ENCODED ? LINE_LIMIT_ENCODED - used : 0;
		at += add_word(f->out, span_sub(text, at, text.len), &row,
			       room < ENCODED_WORD_MAX ? room : ENCODED_WORD_MAX);
	}
}

static bool is_visible(char c)
{
	return (unsigned char)c > ' ' && (unsigned char)c < 0x7f;
}

static bool is_token(struct span sp)
{
	for (size_t i = 0; i < sp.len; i++)
		if (!is_visible(sp.ptr[i]) || strchr("()<>@,;:\"/[]?.=", sp.ptr[i]))
			return false;
	return sp.len > 0;
}

static bool is_encoded_text(struct span sp)
{
	for (size_t i = 0; i < sp.len; i++)
		if (!is_visible(sp.ptr[i]) || sp.ptr[i] == '?')
			return false;
	return sp.len > 0;
}

bool encoded_word_is(struct span word)
{
	if (word.len < 6 || memcmp(word.ptr, "=?", 2) != 0 || memcmp(word.ptr + word.len - 2, "?=", 2) != 0)
		return false;
	struct span rest = span_sub(word, 2, word.len - 2), charset, encoding;
	if (!span_split(&rest, '?', &charset) || !span_split(&rest, '?', &encoding))
		return false;
	return is_token(charset) && encoding.len == 1 && *encoding.ptr && strchr("BbQq", *encoding.ptr) &&
	       is_encoded_text(rest);
}

bool encoded_word_is_base64(struct span word)
{
	const char *mark = encoded_word_is(word) ? memchr(word.ptr + 2, '?', word.len - 2) : NULL;
	return mark && ascii_upper(mark[1]) == 'B';
}
