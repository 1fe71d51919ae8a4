/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A secret in any form that a server may give it, anywhere in a text, is not there after the text was redacted; a text
 * without it stays as it was.
 *
 * The input: the secret, the text before it and the text after it, each on a line, as they are or with "\xHH".
 */
#include "fuzz.h"

#include "secret/redactor.h"

#include "base/base64.h"
#include "base/clean_text.h"

static void add_escaped(struct strbuf *out, struct span text, bool all, bool upper)
{
	for (size_t i = 0; i < text.len; i++)
		if (all || i % 2 == 0 || !ascii_isalnum(text.ptr[i]))
			strbuf_addf(out, upper ? "%%%02X" : "%%%02x", (unsigned char)text.ptr[i]);
		else
			strbuf_addch(out, text.ptr[i]);
}

static void add_hex(struct strbuf *out, struct span text, bool upper)
{
	for (size_t i = 0; i < text.len; i++)
		strbuf_addf(out, upper ? "%02X" : "%02x", (unsigned char)text.ptr[i]);
}

static void add_base64(struct strbuf *out, struct span text, bool url)
{
	size_t from = out->len;
	base64_encode(out, text);
	for (size_t i = from; url && i < out->len; i++)
		out->buf[i] = out->buf[i] == '+' ? '-' : out->buf[i] == '/' ? '_' : out->buf[i];
}

struct forms {
	struct strbuf v[9]; /* the secret, in each form that a server can be expected to know */
};

static void forms_release(struct forms *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(f->v); i++)
		strbuf_release(&f->v[i]);
}

static void forms_make(struct forms *f, struct span secret)
{
	for (size_t i = 0; i < ARRAY_SIZE(f->v); i++)
		strbuf_init(&f->v[i]);
	strbuf_add_span(&f->v[0], secret);
	add_hex(&f->v[1], secret, true);
	add_hex(&f->v[2], secret, false);
	add_escaped(&f->v[3], secret, true, true);
	add_escaped(&f->v[4], secret, false, false);
	for (size_t offset = 0; offset < 3; offset++) { /* as a part of something longer */
		AUTO(strbuf) longer = STRBUF_INIT;
		strbuf_add(&longer, "\0joe\0", offset == 0 ? 0 : offset + 3);
		strbuf_add_span(&longer, secret);
		add_base64(&f->v[5 + offset], strbuf_span(&longer), offset == 1);
	}
	strbuf_add_span(&f->v[8], strbuf_span(&f->v[5]));
}

/* The form of PLAIN's base64 that shows: without the digits that depend on the octets beside it. */
static struct span core_of(const struct forms *f, size_t i, size_t secret_len)
{
	struct span text = strbuf_span(&f->v[i]);
	if (i < 5)
		return text;
	size_t before = i == 6 ? 4 : i == 7 ? 5 : 0;
	size_t first = (before * 8 + 5) / 6, end = (before + secret_len) * 8 / 6;
	return span_sub(text, first, end);
}

struct fold {
	size_t width;
	const char *line_break;
};

static void add_folded(struct strbuf *out, struct span text, const struct fold *fold)
{
	for (size_t at = 0; at < text.len; at += fold->width) {
		size_t end = at + fold->width < text.len ? at + fold->width : text.len;
		strbuf_adds(out, at ? fold->line_break : "");
		strbuf_add_span(out, span_sub(text, at, end));
	}
}

static void must_hide(const struct redactor *r, struct span before, struct span form, struct span core,
		      struct span after, const struct fold *fold)
{
	AUTO(strbuf) text = STRBUF_INIT;
	strbuf_add_span(&text, before);
	add_folded(&text, form, fold);
	strbuf_add_span(&text, after);
	redactor_apply(r, text.buf);
	struct span shown = span_of(text.buf);
	if (core.len < 4)
		return;
	MUST(!fuzz_has(shown, core));
	size_t n = strlen(fold->line_break);
	if (!n)
		return;
	AUTO(strbuf) joined = STRBUF_INIT;
	for (size_t i = 0; i < shown.len; i++)
		if (shown.len - i >= n && memcmp(shown.ptr + i, fold->line_break, n) == 0)
			i += n - 1;
		else
			strbuf_addch(&joined, shown.ptr[i]);
	MUST(!fuzz_has(strbuf_span(&joined), core));
}

/* Two lines of a reply that are shown apart. */
static void must_hide_in_lines(const struct redactor *r, struct span before, struct span form, struct span after)
{
	AUTO(strbuf) first = STRBUF_INIT;
	AUTO(strbuf) second = STRBUF_INIT;
	size_t at = form.len / 2;
	if (at < 4)
		return;
	strbuf_add_span(&first, before);
	strbuf_add_span(&first, span_sub(form, 0, at));
	strbuf_adds(&second, "535 5.7.8 ");
	strbuf_add_span(&second, span_sub(form, at, form.len));
	strbuf_add_span(&second, after);
	redactor_apply_reply_line(r, first.buf);
	redactor_apply_reply_line(r, second.buf);
	AUTO(strbuf) shown = STRBUF_INIT;
	strbuf_adds(&shown, first.buf);
	strbuf_adds(&shown, second.buf + strlen("535 5.7.8 "));
	MUST(!fuzz_has(strbuf_span(&shown), form));
}

static void must_keep(const struct redactor *r, const struct forms *f, size_t secret_len, struct span text)
{
	AUTO_FREE char *shown = fuzz_string(text);
	for (size_t i = 0; i < ARRAY_SIZE(f->v); i++) {
		struct span core = core_of(f, i, secret_len);
		if (core.len >= 4 && fuzz_has(text, span_sub(core, 0, 4)))
			return;
	}
	if (fuzz_has(text, SPAN_LIT("%")) || fuzz_has(text, SPAN_LIT("\n")) || fuzz_has(text, SPAN_LIT(" ")))
		return; /* these may be within a form */
	redactor_apply(r, shown);
	MUST(span_equal(span_of(shown), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const breaks[] = {"", "\n", "\r\n535-5.7.8 ", " 5.7.8 ", "\n535 "};
	struct span rest = span_make((const char *)data, size), line;
	AUTO(strbuf) secret = STRBUF_INIT;
	AUTO(strbuf) before = STRBUF_INIT;
	AUTO(strbuf) after = STRBUF_INIT;
	AUTO(secret) held = SECRET_INIT;
	AUTO(redactor) r = REDACTOR_INIT;
	struct strbuf *const parts[] = {&secret, &before, &after};
	for (size_t i = 0; i < ARRAY_SIZE(parts) && fuzz_line(&rest, &line); i++)
		fuzz_unescape(line, parts[i]);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (memchr(parts[i]->buf, '\0', parts[i]->len)) /* texts are strings, and such a password is refused */
			return 0;
	if (secret.len < 4 || secret.len > 200 || memchr(secret.buf, '*', secret.len))
		return 0;		 /* nothing tells a "*" in the secret from the cover */
	if (strpbrk(secret.buf, "\r\n")) /* it is refused */
		return 0;
	AUTO(forms) forms;
	forms_make(&forms, strbuf_span(&secret));
	secret_set(&held, secret.buf, secret.len);
	redactor_set(&r, &held);
	for (size_t i = 0; i < ARRAY_SIZE(forms.v); i++)
		for (size_t k = 0; k < 2 * ARRAY_SIZE(breaks); k++) {
			struct span form = strbuf_span(&forms.v[i]);
			const struct fold fold = {k % 2 ? (form.len + 1) / 2 : 7, breaks[k / 2]};
			must_hide(&r, strbuf_span(&before), form, core_of(&forms, i, secret.len), strbuf_span(&after),
				  &fold);
		}
	for (size_t i = 0; i < 3; i++)
		must_hide_in_lines(&r, strbuf_span(&before), strbuf_span(&forms.v[i]), strbuf_span(&after));
	must_keep(&r, &forms, secret.len, strbuf_span(&before));
	return 0;
}
