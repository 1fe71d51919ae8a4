/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/span.h"

#include <limits.h>

bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool span_equal_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
			return false;
	return true;
}

bool span_equals_str(struct span a, const char *s)
{
	return span_equal(a, span_of(s));
}

bool span_equals_str_nocase(struct span a, const char *s)
{
	return span_equal_nocase(a, span_of(s));
}

bool span_starts_nocase(struct span a, const char *prefix)
{
	size_t n = strlen(prefix);
	return a.len >= n && span_equal_nocase(span_make(a.ptr, n), span_make(prefix, n));
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct span span_trim(struct span sp)
{
	while (sp.len && is_space(sp.ptr[0])) {
		sp.ptr++;
		sp.len--;
	}
	while (sp.len && is_space(sp.ptr[sp.len - 1]))
		sp.len--;
	return sp;
}

struct span span_word(struct span *rest)
{
	while (rest->len && ascii_isblank(rest->ptr[0])) {
		rest->ptr++;
		rest->len--;
	}
	struct span word = {rest->ptr, 0};
	while (word.len < rest->len && !ascii_isblank(rest->ptr[word.len]))
		word.len++;
	rest->ptr += word.len;
	rest->len -= word.len;
	return word;
}

bool span_split(struct span *rest, char sep, struct span *part)
{
	if (!rest->ptr)
		return false;
	const char *hit = rest->len ? memchr(rest->ptr, sep, rest->len) : NULL;
	if (!hit) {
		*part = *rest;
		*rest = (struct span){NULL, 0};
		return true;
	}
	*part = span_make(rest->ptr, (size_t)(hit - rest->ptr));
	*rest = span_make(hit + 1, rest->len - part->len - 1);
	return true;
}

bool span_field(struct span *rest, struct span *field)
{
	if (!rest->len || !memchr(rest->ptr, '\0', rest->len))
		return false;
	(void)span_split(rest, '\0', field);
	return true;
}

bool span_to_u64(struct span sp, unsigned long long *value)
{
	unsigned long long v = 0;
	if (!sp.len)
		return false;
	for (size_t i = 0; i < sp.len; i++) {
		if (!ascii_isdigit(sp.ptr[i]))
			return false;
		unsigned digit = (unsigned)(sp.ptr[i] - '0');
		if (v > (ULLONG_MAX - digit) / 10)
			return false;
		v = v * 10 + digit;
	}
	*value = v;
	return true;
}

int ascii_strcasecmp(const char *a, const char *b)
{
	for (;; a++, b++) {
		unsigned char x = (unsigned char)ascii_lower(*a), y = (unsigned char)ascii_lower(*b);
		if (x != y)
			return x < y ? -1 : 1;
		if (!x)
			return 0;
	}
}
