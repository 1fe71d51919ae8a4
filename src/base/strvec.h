/* SPDX-License-Identifier: GPL-3.0-or-later */
/* strvec: a growing, NULL-terminated vector of strings that it owns, in the form of argv. */
#ifndef BASE_STRVEC_H
#define BASE_STRVEC_H

#include "base/cleanup.h"
#include "base/span.h"

struct strvec {
	char **v; /* NULL if never used, else v[n] == NULL */
	size_t n;
	size_t cap;
};

#define STRVEC_INIT ((struct strvec){NULL, 0, 0})

void strvec_release(struct strvec *sv);
void strvec_push(struct strvec *sv, const char *s);
void strvec_push_span(struct strvec *sv, struct span sp);
void strvec_pushf(struct strvec *sv, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Takes ownership of the malloc'ed string. */
void strvec_push_owned(struct strvec *sv, char *s);
/* Appends copies of all strings of from. */
void strvec_push_all(struct strvec *sv, const struct strvec *from);
bool strvec_has(const struct strvec *sv, const char *s);
bool strvec_equal(const struct strvec *a, const struct strvec *b);
/* All strings with sep between them, malloc'ed. */
char *strvec_join(const struct strvec *sv, const char *sep);

#endif
