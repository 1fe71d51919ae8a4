/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	phrase  =  1*word			RFC 5322 section 3.2.5
 *	word    =  atom / quoted-string
 */
#include "header/header_write.h"

#include "base/utf8.h"
#include "address/address.h"
#include "codec/encoded_word.h"

#include <stdint.h>

#define CRLF "\r\n"
#define LONGEST_WORD 60 /* a longer word is encoded, because it could not be folded */

void header_write_value(struct strbuf *out, const char *value)
{
	for (; *value; value++)
		strbuf_addch(out, ascii_iscntrl(*value) ? '?' : *value);
}

void header_write_field(struct strbuf *out, const char *name, const char *value)
{
	strbuf_addf(out, "%s: ", name);
	header_write_value(out, value);
	strbuf_adds(out, CRLF);
}

/* ---- phrases --------------------------------------------------------------------- */

/* Makes one line of valid UTF-8 of the name: control characters and runs of white space become one space, octets that
 * are not UTF-8 become U+FFFD. */
static void clean_name(struct strbuf *out, struct span name)
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

/* Starts a new line if width octets do not fit, unless the line is empty. */
static void begin_phrase(struct fold *f, size_t width)
{
	if (fold_column(f) <= 1 || fold_column(f) + width <= LINE_LIMIT_ENCODED)
		return;
	fold_break(f);
	strbuf_addch(f->out, ' ');
}

/* Spaces are places to fold, even inside a quoted-string. */
static void add_words(struct fold *f, struct span name, bool quote)
{
	bool first = true;
	struct span start = name;
	begin_phrase(f, 2 + span_word(&start).len);
	if (quote)
		strbuf_addch(f->out, '"');
	for (struct span word; (word = span_word(&name)).len; first = false) {
		if (!first)
			fold_space(f, word.len, LINE_LIMIT_ENCODED);
		for (size_t i = 0; i < word.len; i++) {
			if (quote && (word.ptr[i] == '"' || word.ptr[i] == '\\'))
				strbuf_addch(f->out, '\\');
			strbuf_addch(f->out, word.ptr[i]);
		}
	}
	if (quote)
		strbuf_addch(f->out, '"');
}

void header_write_phrase(struct fold *f, struct span name)
{
	AUTO(strbuf) text = STRBUF_INIT;
	clean_name(&text, name);
	struct span sp = strbuf_span(&text);

	if (!sp.len)
		return;
	if (utf8_is_ascii(sp) && longest_word(sp) <= LONGEST_WORD) {
		add_words(f, sp, !is_atoms(sp));
	} else {
		begin_phrase(f, ENCODED_WORD_LEAST + ENCODED_WORD_ROOM_AFTER);
		encoded_word_add(f, sp, ENCODED_WORD_PHRASE, 'B');
	}
}

/* ---- address fields -------------------------------------------------------------- */

void header_write_bracketed(struct fold *f, const char *addr)
{
	fold_space(f, strlen("<>") + strlen(addr), LINE_WANTED);
	strbuf_addch(f->out, '<');
	header_write_value(f->out, addr);
	strbuf_addch(f->out, '>');
}

void header_write_mailbox(struct strbuf *out, const char *field, const char *name, const char *addr)
{
	struct fold f = fold_begin(out, CRLF);
	strbuf_addf(out, "%s: ", field);
	size_t before = out->len;
	if (name)
		header_write_phrase(&f, span_of(name));
	if (out->len == before) /* no name, or nothing left of it */
		header_write_value(out, addr);
	else
		header_write_bracketed(&f, addr);
	fold_break(&f);
}

void header_write_to(struct strbuf *out, const char *const *addrs)
{
	struct fold f = fold_begin(out, CRLF);
	fold_add(&f, SPAN_LIT("To:"));
	if (!addrs || !*addrs)
		strbuf_adds(out, " undisclosed-recipients:;");
	for (bool first = true; addrs && *addrs; addrs++, first = false) {
		if (first)
			strbuf_addch(out, ' ');
		else
			fold_space(&f, strlen(*addrs) + (addrs[1] ? strlen(",") : 0), LINE_WANTED);
		header_write_value(out, *addrs);
		if (addrs[1])
			strbuf_addch(out, ',');
	}
	fold_break(&f);
}
