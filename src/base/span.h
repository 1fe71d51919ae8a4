/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * span: borrowed octets, pointer and length, not terminated, may contain
 * anything.  Whoever hands one out says until when it lives.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *ptr;
	size_t len;
};

#define SPAN_LIT(s) ((struct span){(s), sizeof(s) - 1})
/* For printf's "%.*s": only for text known to hold no NUL. */
#define SPAN_FMT(sp) (int)(sp).len, (sp).ptr

static inline struct span span_make(const char *ptr, size_t len)
{
	return (struct span){ptr, len};
}

static inline struct span span_of(const char *s)
{
	return (struct span){s, strlen(s)};
}

/* sp[from, to) */
static inline struct span span_sub(struct span sp, size_t from, size_t to)
{
	return (struct span){sp.ptr + from, to - from};
}

bool span_equal(struct span a, struct span b);
/* ASCII letters compare without case, whatever the locale. */
bool span_equal_nocase(struct span a, struct span b);
bool span_equals_str(struct span a, const char *s);
bool span_equals_str_nocase(struct span a, const char *s);
bool span_starts_nocase(struct span a, const char *prefix);
/* Without blanks, tabs, CR and LF at both ends. */
struct span span_trim(struct span sp);
/* Cuts the next word, separated by blanks or tabs, off *rest; len 0 at the end. */
struct span span_word(struct span *rest);
/* Cuts up to the separator off *rest; false when nothing was left. */
bool span_split(struct span *rest, char sep, struct span *part);
/* Decimal digits only, no sign, no overflow; anything else is false. */
bool span_to_u64(struct span sp, unsigned long long *value);

/* Locale-free character classes. */
static inline char ascii_lower(char c)
{
	return (c >= 'A' && c <= 'Z') ? (char)(c + 32) : c;
}
static inline char ascii_upper(char c)
{
	return (c >= 'a' && c <= 'z') ? (char)(c - 32) : c;
}
static inline bool ascii_isdigit(char c)
{
	return c >= '0' && c <= '9';
}
static inline bool ascii_isalpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
static inline bool ascii_isalnum(char c)
{
	return ascii_isdigit(c) || ascii_isalpha(c);
}
static inline bool ascii_iscntrl(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}
static inline bool ascii_isblank(char c)
{
	return c == ' ' || c == '\t';
}
int ascii_strcasecmp(const char *a, const char *b);

#endif
