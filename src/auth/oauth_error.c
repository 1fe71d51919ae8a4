/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/oauth_error.h"

#include "base/clean_text.h"
#include "base/error.h"
#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/strvec.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <stdint.h>

#define WORDS_MAX 500
#define DEPTH_MAX 16

/* The text not read yet. */
struct json_reader {
	const char *p, *end;
};

static void skip_space(struct json_reader *j)
{
	while (j->p < j->end && (*j->p == ' ' || *j->p == '\t' || *j->p == '\n' || *j->p == '\r'))
		j->p++;
}

static bool take_char(struct json_reader *j, char c)
{
	skip_space(j);
	if (j->p == j->end || *j->p != c)
		return false;
	j->p++;
	return true;
}

static bool hex4(struct json_reader *j, uint32_t *value)
{
	if (j->end - j->p < 4)
		return false;
	*value = 0;
	for (int i = 0; i < 4; i++) {
		char c = ascii_lower(*j->p++);
		if (!ascii_isdigit(c) && !(c >= 'a' && c <= 'f'))
			return false;
		*value = *value << 4 | (uint32_t)(ascii_isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	return true;
}

static void add_utf8(struct strbuf *out, uint32_t cp)
{
	if (cp < 0x80) {
		strbuf_addch(out, (char)cp);
		return;
	}
	int more = cp < 0x800 ? 1 : cp < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
	strbuf_addch(out, (char)(lead[more] | cp >> (6 * more)));
	while (more--)
		strbuf_addch(out, (char)(0x80 | (cp >> (6 * more) & 0x3f)));
}

/* RFC 8259 section 7: characters beyond U+FFFF are written as a surrogate pair. */
static bool unicode_escape(struct json_reader *j, struct strbuf *out)
{
	uint32_t cp, low;
	if (!hex4(j, &cp) || (cp >= 0xdc00 && cp <= 0xdfff))
		return false;
	if (cp >= 0xd800 && cp <= 0xdbff) {
		if (j->end - j->p < 6 || j->p[0] != '\\' || j->p[1] != 'u')
			return false;
		j->p += 2;
		if (!hex4(j, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
	}
	add_utf8(out, cp);
	return true;
}

static bool read_escape(struct json_reader *j, struct strbuf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	if (j->p == j->end)
		return false;
	char c = *j->p++;
	if (c == 'u')
		return unicode_escape(j, out);
	const char *hit = c ? strchr(from, c) : NULL;
	if (!hit)
		return false;
	strbuf_addch(out, to[hit - from]);
	return true;
}

static bool read_string(struct json_reader *j, struct strbuf *out)
{
	if (!take_char(j, '"'))
		return false;
	while (j->p < j->end && *j->p != '"') {
		unsigned char c = (unsigned char)*j->p++;
		if (c < 0x20)
			return false;
		if (c != '\\')
			strbuf_addch(out, (char)c);
		else if (!read_escape(j, out))
			return false;
	}
	return take_char(j, '"');
}

static bool skip_digits(struct span *sp)
{
	size_t n = 0;
	while (n < sp->len && ascii_isdigit(sp->ptr[n]))
		n++;
	*sp = span_sub(*sp, n, sp->len);
	return n > 0;
}

/* number = [ "-" ] int [ frac ] [ exp ] */
static bool is_number(struct span sp)
{
	if (sp.len && sp.ptr[0] == '-')
		sp = span_sub(sp, 1, sp.len);
	bool leading_zero = sp.len > 1 && sp.ptr[0] == '0' && ascii_isdigit(sp.ptr[1]);
	if (leading_zero || !skip_digits(&sp))
		return false;
	if (sp.len && sp.ptr[0] == '.') {
		sp = span_sub(sp, 1, sp.len);
		if (!skip_digits(&sp))
			return false;
	}
	if (sp.len && ascii_lower(sp.ptr[0]) == 'e') {
		size_t sign = sp.len > 1 && (sp.ptr[1] == '-' || sp.ptr[1] == '+') ? 2 : 1;
		sp = span_sub(sp, sign, sp.len);
		if (!skip_digits(&sp))
			return false;
	}
	return sp.len == 0;
}

/* A number, true, false or null; its text is copied unchanged. */
static bool read_bare_word(struct json_reader *j, struct strbuf *out)
{
	const char *from = j->p;
	while (j->p < j->end && (ascii_isalnum(*j->p) || *j->p == '-' || *j->p == '+' || *j->p == '.'))
		j->p++;
	struct span word = span_make(from, (size_t)(j->p - from));
	strbuf_add_span(out, word);
	return span_equals_str(word, "true") || span_equals_str(word, "false") || span_equals_str(word, "null") ||
	       is_number(word);
}

static bool read_value(struct json_reader *j, struct strbuf *out, int depth);

/* The elements of an array or object; in an object each has a key before it. */
static bool read_nested(struct json_reader *j, struct strbuf *out, char close, int depth)
{
	if (depth >= DEPTH_MAX)
		return false;
	j->p++;
	if (take_char(j, close))
		return true;
	do {
		AUTO(strbuf) key = STRBUF_INIT;
		if (close == '}' && (!read_string(j, &key) || !take_char(j, ':')))
			return false;
		if (out->len)
			strbuf_addch(out, ' ');
		if (!read_value(j, out, depth + 1))
			return false;
	} while (take_char(j, ','));
	return take_char(j, close);
}

/* Reads any value and appends its texts, because "schemes" may be a string or a list. */
static bool read_value(struct json_reader *j, struct strbuf *out, int depth)
{
	skip_space(j);
	if (j->p == j->end)
		return false;
	switch (*j->p) {
	case '"': return read_string(j, out);
	case '{': return read_nested(j, out, '}', depth);
	case '[': return read_nested(j, out, ']', depth);
	default: return read_bare_word(j, out);
	}
}

struct fields {
	struct strbuf status, scope, schemes, other;
};

static void fields_release(struct fields *f)
{
	strbuf_release(&f->status);
	strbuf_release(&f->scope);
	strbuf_release(&f->schemes);
	strbuf_release(&f->other);
}

static struct strbuf *field_for(struct fields *f, struct span key)
{
	struct strbuf *where = span_equals_str(key, "status")	 ? &f->status
			       : span_equals_str(key, "scope")	 ? &f->scope
			       : span_equals_str(key, "schemes") ? &f->schemes
								 : &f->other;
	strbuf_reset(where);
	return where;
}

static bool read_object(struct json_reader *j, struct fields *f)
{
	if (!take_char(j, '{'))
		return false;
	if (!take_char(j, '}')) {
		do {
			AUTO(strbuf) key = STRBUF_INIT;
			if (!read_string(j, &key) || !take_char(j, ':') ||
			    !read_value(j, field_for(f, strbuf_span(&key)), 0))
				return false;
		} while (take_char(j, ','));
		if (!take_char(j, '}'))
			return false;
	}
	skip_space(j);
	return j->p == j->end;
}

char *oauth_error_words(struct span challenge)
{
	struct json_reader j = {challenge.ptr, challenge.ptr + challenge.len};
	AUTO(fields) f = {STRBUF_INIT, STRBUF_INIT, STRBUF_INIT, STRBUF_INIT};
	bool known = utf8_valid(challenge) && read_object(&j, &f) && (f.status.len || f.scope.len || f.schemes.len);
	if (!known)
		return clean_text(challenge, WORDS_MAX);
	AUTO(strvec) words = STRVEC_INIT;
	if (f.status.len)
		strvec_pushf(&words, _("status %s"), f.status.buf);
	if (f.scope.len)
		strvec_pushf(&words, _("scope needed: %s"), f.scope.buf);
	if (f.schemes.len)
		strvec_pushf(&words, _("schemes: %s"), f.schemes.buf);
	AUTO_FREE char *line = strvec_join(&words, "; ");
	return clean_text(span_of(line), WORDS_MAX);
}
