/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the harnesses share.  A harness is one file with LLVMFuzzerTestOneInput:
 * linked with replay.c it runs saved inputs in "make check", with libFuzzer it
 * looks for new ones.  It checks properties, not only that nothing crashes.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "base/clock.h"
#include "base/error.h"
#include "base/strbuf.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A property: what is false here is a bug in the library. */
#define MUST(condition)                                                                                 \
	do {                                                                                            \
		if (!(condition)) {                                                                     \
			(void)fprintf(stderr, "%s:%d: violated: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                        \
		}                                                                                       \
	} while (0)

/* Removes the next part of an input from *rest: parts are separated by "\n--\n".  Empty when there is none. */
__attribute__((unused)) static struct span fuzz_part(struct span *rest)
{
	const char *cut = rest->len ? memmem(rest->ptr, rest->len, "\n--\n", 4) : NULL;
	size_t len = cut ? (size_t)(cut - rest->ptr) : rest->len;
	struct span part = span_sub(*rest, 0, len);
	*rest = span_sub(*rest, cut ? len + 4 : len, rest->len);
	return part;
}

/* Removes the next line, without its LF, from *rest. */
__attribute__((unused)) static bool fuzz_line(struct span *rest, struct span *line)
{
	const char *lf = rest->len ? memchr(rest->ptr, '\n', rest->len) : NULL;
	size_t n = lf ? (size_t)(lf - rest->ptr) : rest->len;
	if (!rest->len)
		return false;
	*line = span_sub(*rest, 0, n);
	*rest = span_sub(*rest, lf ? n + 1 : n, rest->len);
	return true;
}

__attribute__((unused)) static int fuzz_hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *hit = c ? strchr(digits, ascii_lower(c)) : NULL;
	return hit ? (int)(hit - digits) : -1;
}

/* Appends octets that an input may write as "\xHH", so that seeds are text. */
__attribute__((unused)) static void fuzz_unescape(struct span text, struct strbuf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '\\' && i + 3 < text.len && text.ptr[i + 1] == 'x' && fuzz_hex(text.ptr[i + 2]) >= 0 &&
		    fuzz_hex(text.ptr[i + 3]) >= 0) {
			c = (char)(fuzz_hex(text.ptr[i + 2]) * 16 + fuzz_hex(text.ptr[i + 3]));
			i += 3;
		}
		strbuf_addch(out, c);
	}
}

/* Whether text is one line that can be shown: printable characters and nothing else. */
__attribute__((unused)) static bool fuzz_is_clean(struct span text)
{
	size_t n = 0;
	for (size_t i = 0; i < text.len; i += n)
		if (!(n = utf8_printable(span_sub(text, i, text.len))))
			return false;
	return true;
}

__attribute__((unused)) static bool fuzz_has(struct span text, struct span what)
{
	return !what.len || (text.len >= what.len && memmem(text.ptr, text.len, what.ptr, what.len));
}

/* The text as a string: up to its first NUL, malloc'ed, in memory of that size, so that a sanitizer sees reads after
 * it. */
__attribute__((unused)) static char *fuzz_string(struct span text)
{
	char *made = strndup(text.len ? text.ptr : "", text.len);
	if (!made)
		abort();
	return made;
}

/* A function that failed says why; one that did not says nothing. */
__attribute__((unused)) static void fuzz_must_agree(bool ok, const struct error *err)
{
	MUST(ok == (err->status.kind == ERROR_NONE));
	MUST(ok || (err->status.text && *err->status.text));
}

/* Time that stands still, and chance that repeats itself: a finding can be played again. */
#define FUZZ_NOW INT64_C(1795262400)

static msec_t fuzz_monotonic(const struct clock *clock)
{
	(void)clock;
	return 1000;
}

static int64_t fuzz_wall_ms(const struct clock *clock)
{
	(void)clock;
	return FUZZ_NOW * 1000;
}

static void fuzz_fill(const struct rng *rng, void *p, size_t len)
{
	(void)rng;
	memset(p, 0x5a, len);
}

__attribute__((unused)) static const struct clock fuzz_clock = {fuzz_monotonic, fuzz_wall_ms};
__attribute__((unused)) static const struct rng fuzz_rng = {fuzz_fill};

#endif
