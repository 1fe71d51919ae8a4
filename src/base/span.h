/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * span: borrowed bytes, as pointer and length; not terminated, and may contain anything.  A function that returns one
 * documents how long it is valid.
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
/* For printf's "%.*s"; only for text without NUL. */
#define SPAN_FMT(sp) (int)(sp).len, (sp).ptr

static inline struct span span_make(const char *ptr, size_t len)
{
	return (struct span){ptr, len};
}

static inline struct span span_of(const char *s)
{
	return (struct span){s, strlen(s)};
}

/* sp[from, to); of a span without a pointer only [0, 0), for which C forbids even adding 0 to the pointer */
static inline struct span span_sub(struct span sp, size_t from, size_t to)
{
	return (struct span){from ? sp.ptr + from : sp.ptr, to - from};
}

bool span_equal(struct span a, struct span b);
/* Compares ASCII letters without regard to case, whatever the locale. */
bool span_equal_nocase(struct span a, struct span b);
bool span_equals_str(struct span a, const char *s);
bool span_equals_str_nocase(struct span a, const char *s);
bool span_starts_nocase(struct span a, const char *prefix);
/* The span without spaces, tabs, CR and LF at both ends. */
struct span span_trim(struct span sp);
/* Removes the next word, separated by spaces or tabs, from the front of *rest and returns it; len is 0 at the end. */
struct span span_word(struct span *rest);
/* Removes everything up to the separator from the front of *rest; *part gets it without the separator.  False if
 * *rest was empty. */
bool span_split(struct span *rest, char sep, struct span *part);
/* Removes the next field, which ends in NUL, from the front of *rest; *field is followed by that NUL.  False if no NUL
 * is left.  So helper programs and posthaste talk to each other. */
bool span_field(struct span *rest, struct span *field);
/* Parses decimal digits without sign; false for anything else and for overflow. */
bool span_to_u64(struct span sp, unsigned long long *value);

/* Character classes, independent of the locale. */
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
