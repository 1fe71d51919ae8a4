/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secret/redactor.h"

#include "base/base64.h"
#include "base/clean_text.h"
#include "base/error.h"
#include "base/xalloc.h"

#define SHORTEST 4
#define PIECE \
	6 /* the shortest line that can be a part of a form: words of the protocol are shorter, or end otherwise */
static const char cover[] = "***";

void redactor_release(struct redactor *m)
{
	secret_release(&m->forms);
}

static void add_form(struct redactor *m, struct span form)
{
	if (form.len < SHORTEST)
		return;
	secret_append(&m->forms, form.ptr, form.len);
	secret_append(&m->forms, "", 1);
}

/* Adds the base64 of the secret after offset other bytes, without the digits that depend on the neighbouring bytes.
 */
static void add_base64(struct redactor *m, struct span s, size_t offset)
{
	struct strbuf plain = STRBUF_INIT, coded = STRBUF_INIT;
	size_t first = (offset * 8 + 5) / 6, end = (offset + s.len) * 8 / 6;
	/* reserve all space at once: growing would leave copies behind */
	strbuf_grow(&plain, offset + s.len + 1);
	strbuf_grow(&coded, (offset + s.len + 2) / 3 * 4 + 1);
	strbuf_add(&plain, "\0\0", offset);
	strbuf_add_span(&plain, s);
	base64_encode(&coded, strbuf_span(&plain));
	add_form(m, span_sub(strbuf_span(&coded), first, end));
	for (size_t i = 0; i < coded.len; i++)
		coded.buf[i] = coded.buf[i] == '+' ? '-' : coded.buf[i] == '/' ? '_' : coded.buf[i];
	add_form(m, span_sub(strbuf_span(&coded), first, end));
	strbuf_wipe(&plain);
	strbuf_wipe(&coded);
}

/* Adds the hex form (two digits per byte) or the URL form (% and two digits for bytes that need it). */
static void add_digits(struct redactor *m, struct span s, const char *digits, bool url)
{
	struct strbuf coded = STRBUF_INIT;
	strbuf_grow(&coded, 3 * s.len + 1);
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool plain = ascii_isdigit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '-' ||
			     c == '.' || c == '_' || c == '~';
		if (url && plain) {
			strbuf_addch(&coded, c);
			continue;
		}
		if (url)
			strbuf_addch(&coded, '%');
		strbuf_addch(&coded, digits[(unsigned char)c >> 4]);
		strbuf_addch(&coded, digits[(unsigned char)c & 15]);
	}
	add_form(m, strbuf_span(&coded));
	strbuf_wipe(&coded);
}

void redactor_set(struct redactor *m, const struct secret *s)
{
	secret_release(&m->forms);
	redactor_add(m, s);
}

void redactor_add(struct redactor *m, const struct secret *s)
{
	static const char upper[] = "0123456789ABCDEF", lower[] = "0123456789abcdef";
	if (!s || !secret_is_set(s) || secret_reveal(s).len < SHORTEST)
		return;
	struct span bytes = secret_reveal(s);
	add_form(m, bytes);
	for (size_t offset = 0; offset < 3; offset++)
		add_base64(m, bytes, offset);
	add_digits(m, bytes, upper, false);
	add_digits(m, bytes, lower, false);
	add_digits(m, bytes, upper, true);
	add_digits(m, bytes, lower, true);
}

static int hex_digit(char c)
{
	c = ascii_lower(c);
	return ascii_isdigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The length of an enhanced status code "5.7.8 " at the start of text, or 0. */
static size_t enhanced_len(const char *text)
{
	size_t n = strspn(text, "0123456789.");
	return n >= strlen("5.7.8") && text[1] == '.' && text[n] == ' ' ? n + 1 : 0;
}

/* The length of a reply's code "535-", or 0. */
static size_t code_len(const char *text)
{
	return strspn(text, "0123456789") == 3 && (text[3] == '-' || text[3] == ' ') ? 4 : 0;
}

/* The length of a reply's code and enhanced code, "535-5.7.8 ", or 0. */
static size_t reply_code_len(const char *text)
{
	size_t code = code_len(text);
	return code ? code + enhanced_len(text + code) : 0;
}

/* The lengths that a change of line at the start of text can have within a reply, the longest first; 0: none.  Lines
 * are joined by a line end or a space, and each may repeat the codes; but what looks like a code may be something else.
 */
struct line_breaks {
	size_t len[3];
};

static struct line_breaks line_breaks_at(const char *text)
{
	size_t n = *text == '\n' || *text == ' ' ? 1 : text[0] == '\r' && text[1] == '\n' ? 2 : 0;
	if (!n)
		return (struct line_breaks){{0}};
	size_t code = code_len(text + n);
	return (struct line_breaks){{n + code + enhanced_len(text + n + code), n + code, n}};
}

/* The length of an octet written as % and two digits at the start of text, or 0.  There are `skipped` octets, a change
 * of line, before the digit with this number, 0 or 1. */
static size_t escape_len(const char *text, char octet, size_t number, size_t skipped)
{
	size_t at = 1;
	int digits[2];
	if (*text != '%')
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(digits); i++) {
		at += i == number ? skipped : 0;
		digits[i] = hex_digit(text[at]);
		if (digits[i] < 0)
			return 0;
		at++;
	}
	return (char)(digits[0] << 4 | digits[1]) == octet ? at : 0;
}

/* Where in the text a part of the form can end, and how long it is since the last change of line (SHORTEST: that or
 * more).  What looks like a change of line may be of the form, so there can be several such places; more than a few
 * occur with a secret of many spaces only. */
struct places {
	const char *text;
	size_t n, cap;
	struct place {
		size_t at, run;
	} few[8], *many;     /* many: NULL, or all of them */
	unsigned char *seen; /* with many: for each position of the text, a bit for each run that it has */
};

static void places_release(struct places *places)
{
	free(places->many);
	free(places->seen);
}

static const struct place *places_all(const struct places *places)
{
	return places->many ? places->many : places->few;
}

static bool is_among_few(const struct places *places, struct place place)
{
	for (size_t i = 0; i < places->n; i++)
		if (places->few[i].at == place.at && places->few[i].run == place.run)
			return true;
	return false;
}

static void places_become_many(struct places *places)
{
	places->many = xmemdup(places->few, sizeof(places->few));
	places->cap = ARRAY_SIZE(places->few);
	places->seen = xcalloc(strlen(places->text) + 1, 1);
	for (size_t i = 0; i < places->n; i++)
		places->seen[places->many[i].at] |= (unsigned char)(1u << places->many[i].run);
}

static void place_add(struct places *places, size_t at, size_t run)
{
	const struct place place = {at, run < SHORTEST ? run : SHORTEST};
	if (!places->many) {
		if (is_among_few(places, place))
			return;
		if (places->n < ARRAY_SIZE(places->few)) {
			places->few[places->n++] = place;
			return;
		}
		places_become_many(places);
	}
	if (places->seen[at] & 1u << place.run)
		return;
	places->seen[at] |= (unsigned char)(1u << place.run);
	GROW(places->many, places->n, places->cap);
	places->many[places->n++] = place;
}

/* Adds where the next octet of the form ends if it is an escape with a change of line within it. */
static void advance_over_break(const char *text, struct place from, char octet, struct places *to)
{
	const char *escape = text + from.at;
	for (size_t number = 0; number < 2 && *escape == '%' && (!number || hex_digit(escape[1]) >= 0); number++) {
		struct line_breaks breaks = line_breaks_at(escape + 1 + number);
		for (size_t i = 0; i < ARRAY_SIZE(breaks.len) && breaks.len[i]; i++) {
			size_t len = escape_len(escape, octet, number, breaks.len[i]);
			if (len)
				place_add(to, from.at + len, 1);
		}
	}
}

/* Adds where the next octet of the form ends. */
static void place_advance(const char *text, struct place from, char octet, struct places *to)
{
	size_t escape = escape_len(text + from.at, octet, 0, 0);
	if (escape)
		place_add(to, from.at + escape, from.run + escape);
	else if (from.run >= SHORTEST)
		advance_over_break(text, from, octet, to);
	if (text[from.at] && text[from.at] == octet)
		place_add(to, from.at + 1, from.run + 1);
}

/* The length of the form at the start of text, or 0.  Any of its octets may be written as % and two digits, and changes
 * of line may be within it, the first one anywhere, the others SHORTEST bytes or more after it. */
static size_t form_len(const char *text, struct span form)
{
	AUTO(places) now = {.text = text, .n = 1, .few = {{0, SHORTEST}}};
	for (size_t i = 0; i < form.len && now.n; i++) {
		AUTO(places) next = {.text = text};
		for (size_t k = 0; k < now.n; k++) {
			const struct place place = places_all(&now)[k];
			struct line_breaks breaks = line_breaks_at(text + place.at);
			for (size_t b = 0; b < ARRAY_SIZE(breaks.len) && i && place.run >= SHORTEST && breaks.len[b];
			     b++)
				place_advance(text, (struct place){place.at + breaks.len[b], 0}, form.ptr[i], &next);
			place_advance(text, place, form.ptr[i], &next);
		}
		struct places old = now;
		now = next;
		next = old;
	}
	return now.n ? places_all(&now)[0].at : 0;
}

static void cover_form(char *text, struct span form)
{
	size_t n = sizeof(cover) - 1;
	for (char *at = text; *at;) {
		size_t len = *at == *form.ptr || *at == '%' ? form_len(at, form) : 0;
		if (!len) {
			at++;
			continue;
		}
		memcpy(at, cover, n);
		memmove(at + n, at + len, strlen(at + len) + 1);
		at += n;
	}
}

/* The number of bytes at the end of text that are the beginning of the form; 0 if fewer than SHORTEST. */
static size_t beginning_len(struct span text, struct span form)
{
	size_t n = form.len - 1 < text.len ? form.len - 1 : text.len;
	while (n >= SHORTEST && memcmp(text.ptr + text.len - n, form.ptr, n) != 0)
		n--;
	return n >= SHORTEST ? n : 0;
}

/* Text that was cut before it was redacted may end with the beginning of a form: covers that too. */
static void cover_beginnings(char *text, struct span form)
{
	size_t n = sizeof(cover) - 1;
	for (char *at = text; (at = strstr(at, CLEAN_CUT)) != NULL; at++) {
		size_t shown = beginning_len(span_make(text, (size_t)(at - text)), form);
		if (!shown)
			continue;
		memcpy(at - shown, cover, n);
		memmove(at - shown + n, at, strlen(at) + 1);
		at -= shown - n;
	}
}

/* A line of a reply that ends with the beginning of a form, begins with its end, or is a part of it: the rest may be in
 * the lines before and after it. */
static void cover_line_ends(char *text, struct span form)
{
	size_t n = sizeof(cover) - 1, shown = beginning_len(span_of(text), form);
	char *start = text + reply_code_len(text);
	struct span line = span_trim(span_of(start));
	if (line.len >= PIECE && memmem(form.ptr, form.len, line.ptr, line.len)) {
		memcpy(start, cover, n + 1);
		return;
	}
	if (shown)
		memcpy(text + strlen(text) - shown, cover, n + 1);
	for (size_t len = form.len - 1; len >= SHORTEST; len--) {
		if (strncmp(start, form.ptr + form.len - len, len) != 0)
			continue;
		memcpy(start, cover, n);
		memmove(start + n, start + len, strlen(start + len) + 1);
		break;
	}
}

static void each_form(const struct redactor *m, char *text, void (*hide)(char *text, struct span form))
{
	struct span rest = secret_reveal(&m->forms);
	while (text && rest.len) {
		struct span form = span_of(rest.ptr);
		hide(text, form);
		rest = span_sub(rest, form.len + 1, rest.len);
	}
}

void redactor_apply(const struct redactor *m, char *text)
{
	each_form(m, text, cover_form);
	each_form(m, text, cover_beginnings);
}

void redactor_apply_reply_line(const struct redactor *m, char *text)
{
	redactor_apply(m, text);
	each_form(m, text, cover_line_ends);
}

static void apply_to_text(const void *redactor, char *text)
{
	redactor_apply(redactor, text);
}

void redactor_apply_status(const struct redactor *m, struct status *s)
{
	status_redact(s, apply_to_text, m);
}
