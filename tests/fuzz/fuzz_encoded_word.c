/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text written as encoded-words is read back as it was, by a decoder that shares no code with the encoder.  No word
 * is longer than RFC 2047 allows, nor contains what its place forbids; no character is divided between two words; only
 * the last base64 word of a row has padding; a line has at most 76 columns.
 *
 * The input: a letter for the place (t: text, p: phrase), one for the encoding (B, Q, or any other: the shorter one), a
 * digit for the column at which it begins, then the text.
 */
#include "fuzz.h"

#include "fuzz_words.h"

#include "codec/encoded_word.h"
#include "codec/line_limits.h"

struct word {
	struct span charset, text;
	char encoding;
};

/* Takes the encoded-word at the front of *rest, and the fold after it. */
static bool take_word(struct span *rest, struct word *word)
{
	struct span all = *rest, part;
	if (all.len < 2 || memcmp(all.ptr, "=?", 2) != 0)
		return false;
	*rest = span_sub(all, 2, all.len);
	MUST(span_split(rest, '?', &word->charset) && word->charset.len);
	MUST(span_split(rest, '?', &part) && part.len == 1);
	word->encoding = *part.ptr;
	MUST(span_split(rest, '?', &word->text) && word->text.len && rest->len && *rest->ptr == '=');
	*rest = span_sub(*rest, 1, rest->len);
	MUST(all.len - rest->len <= ENCODED_WORD_MAX && encoded_word_is(span_sub(all, 0, all.len - rest->len)));
	MUST(encoded_word_is_base64(span_sub(all, 0, all.len - rest->len)) == (word->encoding == 'B'));
	if (!rest->len)
		return true;
	MUST(rest->len > 3 && memcmp(rest->ptr, "\r\n ", 3) == 0);
	*rest = span_sub(*rest, 3, rest->len);
	return true;
}

static void must_suit_the_place(const struct word *word, enum encoded_word_place place)
{
	static const char phrase[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/=_";
	for (size_t i = 0; i < word->text.len; i++) {
		char c = word->text.ptr[i];
		MUST(c > ' ' && c < 127 && c != '?');
		MUST(place == ENCODED_WORD_TEXT || strchr(phrase, c));
	}
}

static void must_read_back(struct span written, struct span text, enum encoded_word_place place)
{
	AUTO(strbuf) shown = STRBUF_INIT;
	struct word word;
	while (take_word(&written, &word)) {
		size_t before = shown.len;
		must_suit_the_place(&word, place);
		(word.encoding == 'B' ? words_show_b : words_show_q)(&shown, word.text);
		struct span part = span_sub(strbuf_span(&shown), before, shown.len);
		MUST(part.len);
		MUST(span_equals_str(word.charset, "UTF-8") == utf8_valid(text));
		MUST(!utf8_valid(text) || utf8_valid(part));
		bool next_base64 = written.len > 8 && fuzz_has(span_sub(written, 0, written.len), SPAN_LIT("?B?")) &&
				   memcmp(written.ptr + 2 + word.charset.len, "?B?", 3) == 0;
		MUST(!next_base64 || word.encoding != 'B' || word.text.ptr[word.text.len - 1] != '=');
	}
	MUST(!written.len && span_equal(strbuf_span(&shown), text));
}

static void must_have_short_lines(struct span written, size_t column)
{
	struct span line;
	bool first = true;
	while (span_split(&written, '\n', &line)) {
		size_t len = line.len - (line.len && line.ptr[line.len - 1] == '\r') + (first ? column : 0);
		MUST(len <= LINE_LIMIT_ENCODED);
		first = false;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	enum encoded_word_place place = data[0] == 't' ? ENCODED_WORD_TEXT : ENCODED_WORD_PHRASE;
	struct span text = span_make((const char *)data + 3, size - 3);
	char encoding = data[1] == 'B' || data[1] == 'Q' ? (char)data[1] : encoded_word_shorter(text, place);
	size_t column = data[2] % 10u * 5;
	AUTO(strbuf) out = STRBUF_INIT;
	struct fold fold = fold_begin(&out, "\r\n");
	for (size_t i = 0; i < column; i++)
		strbuf_addch(&out, 'x');
	encoded_word_add(&fold, text, place, encoding);
	struct span written = span_sub(strbuf_span(&out), column, out.len);
	must_read_back(written, text, place);
	must_have_short_lines(written, column);
	size_t alone = encoded_word_length(text, place, encoding);
	if (text.len && column + alone + ENCODED_WORD_ROOM_AFTER <= LINE_LIMIT_ENCODED && alone <= ENCODED_WORD_MAX)
		MUST(written.len == alone);
	return 0;
}
