/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secret/redactor.h"

#include "base/base64.h"
#include "base/clean_text.h"
#include "base/error.h"

#define SHORTEST 4
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
	static const char upper[] = "0123456789ABCDEF", lower[] = "0123456789abcdef";
	secret_release(&m->forms);
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

static void cover_form(char *text, struct span form)
{
	size_t left = strlen(text), n = sizeof(cover) - 1;
	for (char *at = text; (at = memmem(at, left, form.ptr, form.len)) != NULL;) {
		left = strlen(at) - form.len;
		memcpy(at, cover, n);
		memmove(at + n, at + form.len, left + 1);
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

static void apply_to_text(const void *redactor, char *text)
{
	redactor_apply(redactor, text);
}

void redactor_apply_status(const struct redactor *m, struct status *s)
{
	status_redact(s, apply_to_text, m);
}
