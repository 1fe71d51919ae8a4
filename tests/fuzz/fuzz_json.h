/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_json: a strict reader of JSON (RFC 8259), which shares no code with the library. */
#ifndef FUZZ_FUZZ_JSON_H
#define FUZZ_FUZZ_JSON_H

#include "fuzz.h"

struct json_text {
	const char *p, *end;
};

static bool json_take(struct json_text *j, char c)
{
	bool there = j->p < j->end && *j->p == c;
	j->p += there;
	return there;
}

static void json_add_utf8(struct strbuf *out, unsigned cp)
{
	if (cp < 0x80) {
		strbuf_addch(out, (char)cp);
	} else if (cp < 0x800) {
		strbuf_addch(out, (char)(0xc0 | cp >> 6));
		strbuf_addch(out, (char)(0x80 | (cp & 0x3f)));
	} else {
		strbuf_addch(out, (char)(0xe0 | cp >> 12));
		strbuf_addch(out, (char)(0x80 | (cp >> 6 & 0x3f)));
		strbuf_addch(out, (char)(0x80 | (cp & 0x3f)));
	}
}

/* Only what the writer uses: no surrogate pairs. */
static bool json_escape(struct json_text *j, struct strbuf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	unsigned cp = 0;
	if (!json_take(j, 'u')) {
		const char *hit = j->p < j->end && *j->p ? strchr(from, *j->p) : NULL;
		j->p++;
		if (hit)
			strbuf_addch(out, to[hit - from]);
		return hit;
	}
	for (int i = 0; i < 4; i++, j->p++) {
		int digit = j->p < j->end ? fuzz_hex(*j->p) : -1;
		if (digit < 0)
			return false;
		cp = cp * 16 + (unsigned)digit;
	}
	json_add_utf8(out, cp);
	return cp < 0xd800 || cp > 0xdfff;
}

static bool json_read_string(struct json_text *j, struct strbuf *out)
{
	if (!json_take(j, '"'))
		return false;
	while (j->p < j->end && *j->p != '"') {
		if ((unsigned char)*j->p < 0x20)
			return false;
		if (!json_take(j, '\\'))
			strbuf_addch(out, *j->p++);
		else if (!json_escape(j, out))
			return false;
	}
	return json_take(j, '"');
}

static bool json_read_value(struct json_text *j, struct strbuf *texts);

/* An object or a list without white space, as ours are. */
static bool json_read_members(struct json_text *j, struct strbuf *texts, char end)
{
	if (json_take(j, end))
		return true;
	do {
		if (end == '}' && (!json_read_string(j, texts) || !json_take(j, ':')))
			return false;
		if (!json_read_value(j, texts))
			return false;
	} while (json_take(j, ','));
	return json_take(j, end);
}

static bool json_read_word(struct json_text *j)
{
	static const char *const words[] = {"true", "false", "null"};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if ((size_t)(j->end - j->p) >= strlen(words[i]) && memcmp(j->p, words[i], strlen(words[i])) == 0) {
			j->p += strlen(words[i]);
			return true;
		}
	(void)json_take(j, '-');
	const char *digits = j->p;
	while (j->p < j->end && ascii_isdigit(*j->p))
		j->p++;
	return j->p - digits == 1 || (j->p > digits && *digits != '0');
}

/* Reads a value; each text in it is appended to texts, keys as they are, values with a NUL after them. */
static bool json_read_value(struct json_text *j, struct strbuf *texts)
{
	if (json_take(j, '{'))
		return json_read_members(j, texts, '}');
	if (json_take(j, '['))
		return json_read_members(j, texts, ']');
	if (j->p == j->end || *j->p != '"')
		return json_read_word(j);
	bool ok = json_read_string(j, texts);
	strbuf_addch(texts, '\0');
	return ok;
}

/* Whether text is one JSON value on one line. */
static bool json_is_valid(struct span text, struct strbuf *texts)
{
	struct json_text j = {text.ptr, text.ptr + text.len};
	return json_read_value(&j, texts) && j.p == j.end && utf8_valid(text) && !fuzz_has(text, SPAN_LIT("\n"));
}

#endif
