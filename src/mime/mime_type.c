/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	content   = "Content-Type" ":" type "/" subtype *(";" parameter)	RFC 2045 section 5.1
 *	parameter = attribute "=" value
 *	value     = token / quoted-string
 *	boundary  = 0*69<bchars> bcharsnospace					RFC 2046 section 5.1.1
 */
#include "mime/mime_type.h"

#include "base/clean_text.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "base/xalloc.h"

#define NAME_MAX_OCTETS 100

void mime_type_release(struct mime_type *type)
{
	free(type->name);
	free(type->boundary);
	*type = MIME_TYPE_INIT;
}

/* Appends the text before the next semicolon, without comments (RFC 5322 section 3.2.2), with folds as spaces, and cuts
 * it off *rest with the semicolon. Returns false if there is no semicolon. Quoted strings stay quoted. The number of
 * comments is added to *comments. */
static bool cut_element(struct span *rest, struct strbuf *out, size_t *comments)
{
	size_t depth = 0, i = 0;
	bool quoted = false;
	for (; i < rest->len; i++) {
		char c = rest->ptr[i];
		bool pair = c == '\\' && (quoted || depth) && i + 1 < rest->len;
		if (!quoted && c == '(')
			*comments += depth++ == 0;
		else if (depth && c == ')')
			depth--;
		else if (!depth) {
			if (!quoted && c == ';')
				break;
			if (c == '"')
				quoted = !quoted;
			if (pair)
				strbuf_addch(out, c);
			c = pair ? rest->ptr[i + 1] : c;
			strbuf_addch(out, c == '\r' || c == '\n' ? ' ' : c);
		}
		i += pair;
	}
	bool semicolon = i < rest->len;
	*rest = span_sub(*rest, i + semicolon, rest->len);
	return semicolon;
}

/* The boundary in '"foo"' or 'foo', or NULL if parsers read it in different ways. */
static char *plain_boundary(struct span value)
{
	bool quoted = value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"';
	if (quoted)
		value = span_sub(value, 1, value.len - 1);
	/* white space is not allowed at the end, and parsers that check ignore it */
	while (value.len && ascii_isblank(value.ptr[value.len - 1]))
		value.len--;
	if (!value.len || value.len > MIME_BOUNDARY_MAX || (quoted && ascii_isblank(value.ptr[0])))
		return NULL;
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];
		if (c < 0x20 || c > 0x7e || c == '"' || c == '\\' || (!quoted && c == ' '))
			return NULL;
	}
	return xmemdup0(value.ptr, value.len);
}

static void parse_parameter(struct span text, struct mime_type *type, unsigned *seen)
{
	const char *equals = memchr(text.ptr, '=', text.len);
	if (!equals)
		return;
	struct span name = span_trim(span_sub(text, 0, (size_t)(equals - text.ptr)));
	struct span value = span_trim(span_sub(text, (size_t)(equals - text.ptr) + 1, text.len));
	if (!span_starts_nocase(name, "boundary"))
		return;
	/* A parameter that is given twice, or in sections (RFC 2231 section 3), is read in different ways. */
	free(type->boundary);
	type->boundary = ++*seen == 1 && name.len == strlen("boundary") ? plain_boundary(value) : NULL;
}

static char *plain_name(struct span text)
{
	AUTO_FREE char *name = clean_text(span_make(text.ptr, text.len < NAME_MAX_OCTETS ? text.len : NAME_MAX_OCTETS),
					  NAME_MAX_OCTETS);
	for (char *p = name; *p; p++)
		*p = ascii_lower(*p);
	return strchr(name, '/') ? steal_ptr(name) : xstrdup("");
}

void mime_type_parse(struct span value, struct mime_type *type)
{
	AUTO(strbuf) element = STRBUF_INIT;
	unsigned boundaries = 0;
	size_t comments = 0;
	mime_type_release(type);
	bool more = cut_element(&value, &element, &comments);
	struct span name = strbuf_span(&element);
	type->name = plain_name(span_word(&name));
	while (more) {
		strbuf_reset(&element);
		more = cut_element(&value, &element, &comments);
		parse_parameter(strbuf_span(&element), type, &boundaries);
	}
	/* Few parsers expect comments here, and a comment may contain a semicolon. */
	if (comments && type->boundary) {
		free(type->boundary);
		type->boundary = NULL;
	}
}

/* Programs write many things where a label belongs that says nothing about an encoding: other spellings of 8bit, names
 * of charsets. No reader decodes such content. */
static bool is_misspelt_identity(struct span label)
{
	static const char *const known[] = {"8bit",   "7bit",	     "binary", "8-bit", "8bits",   "8 bit",
					    "8_bit",  "8",	     "7-bit",  "7bits", "7 bit",   "7_bit",
					    "7",      "binary/8bit", "none",   "plain", "raw",	   "text",
					    "ascii",  "us-ascii",    "utf-8",  "utf8",	"unicode", "unicode-1-1-utf-8",
					    "latin1", "identity"};
	static const char *const charsets[] = {"iso-8859-", "iso8859-", "iso_8859-", "windows-125", "cp125", "koi8-"};
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (span_equals_str_nocase(label, known[i]))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(charsets); i++)
		if (span_starts_nocase(label, charsets[i]))
			return true;
	return false;
}

/* What is in quotes, which the grammar does not allow and some programs write. */
static struct span unquoted(struct span label)
{
	bool quoted = label.len >= 2 && label.ptr[0] == '"' && label.ptr[label.len - 1] == '"';
	return quoted ? span_trim(span_sub(label, 1, label.len - 1)) : label;
}

enum mime_encoding mime_encoding_parse(struct span value)
{
	static const struct {
		const char *name;
		enum mime_encoding encoding;
	} known[] = {{"", MIME_7BIT},
		     {"7bit", MIME_7BIT},
		     {"8bit", MIME_8BIT},
		     {"binary", MIME_BINARY},
		     {"quoted-printable", MIME_QUOTED},
		     {"base64", MIME_BASE64}};
	AUTO(strbuf) text = STRBUF_INIT;
	size_t comments = 0;
	bool more = cut_element(&value, &text, &comments);
	struct span label = span_trim(strbuf_span(&text));
	for (size_t i = 0; !more && i < ARRAY_SIZE(known); i++)
		if (span_equals_str_nocase(label, known[i].name))
			return known[i].encoding;
	bool alone = !more || !span_trim(value).len; /* but for a semicolon at its end */
	return alone && is_misspelt_identity(unquoted(label)) ? MIME_8BIT : MIME_OTHER;
}
