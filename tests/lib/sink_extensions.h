/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SINK_EXTENSIONS_H
#define SINK_EXTENSIONS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A set of ESMTP keywords with their parameters, in the order of the EHLO
 * reply.  Zero-initialised is empty and valid.
 */
struct extension {
	char *keyword;
	char *params; /* "" when there are none */
};
struct extensions {
	struct extension *items;
	size_t count;
};

/* Add one line "KEYWORD PARAMS"; leading and trailing blanks are dropped, an empty line is ignored. */
void extensions_add(struct extensions *e, const char *line, size_t len);
/* Add a comma-separated list of such lines. */
void extensions_parse(struct extensions *e, const char *list);
/* The parameters of a keyword (any case), or NULL when it is not in the set. */
const char *extensions_find(const struct extensions *e, const char *keyword);
/*
 * A number among the parameters: all of them when name is NULL ("SIZE
 * 1000"), else that of NAME=N ("LIMITS RCPTMAX=100").  0: not there.
 */
unsigned long long extensions_number(const struct extensions *e, const char *keyword, const char *name);
void extensions_release(struct extensions *e);

#endif
