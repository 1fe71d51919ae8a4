/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * value: the value of a setting: parsing, formatting, copying, freeing and comparing it, per type.
 */
#ifndef CONFIG_VALUE_H
#define CONFIG_VALUE_H

#include "base/error.h"
#include "base/secret.h"
#include "base/strbuf.h"
#include "base/strvec.h"
#include "config/option.h"

struct value {
	bool set;
	bool none;   /* set to nothing: "user" without an argument hides an inherited value */
	long long n; /* BOOL 0/1, WORD index, INT, DURATION ms, SIZE bytes */
	char *s;     /* STRING, PATH */
	struct strvec list;
	struct secret secret;
};

void value_release(struct value *v);
/* ERROR_CONFIG: "expected on or off, got maybe" - without the option's name, which the caller adds.  Never quotes a
 * secret. A LIST's text is split here, quotes as in our own files; every other text is taken as it stands ("~" in a
 * PATH too: account_set() expands it). */
bool value_parse(const struct option_row *row, struct span text, struct value *out, struct error *err) MUST_CHECK;
/* Writes the value as in one of our own files; a secret becomes "<hidden>". */
void value_format(const struct option_row *row, const struct value *v, struct strbuf *out);
void value_copy(struct value *to, const struct value *from);
bool value_equal(const struct option_row *row, const struct value *a, const struct value *b);

#endif
