/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * variables: the environment variables in a value of one of our own files.
 *
 *	${NAME}			the value of NAME, which may be empty; an error if it is not set
 *	${NAME:-DEFAULT}	DEFAULT, with what it holds replaced in the same way, if NAME is not set or empty
 *	$$			a dollar sign
 *
 * A dollar sign before anything else stands for itself, and what a variable holds is not looked at again.
 */
#ifndef CONFIG_VARIABLES_H
#define CONFIG_VARIABLES_H

#include "base/runtime.h"
#include "base/strbuf.h"

struct variables_request {
	const struct runtime *runtime; /* privileged: no variable is set; variables: gets the names */
	bool words;  /* of a list: between double quotes, a value's quotes and backslashes get a backslash */
	bool secret; /* errors quote nothing but the name in a text that is one variable */
};

/* Cheap: there is nothing to replace. */
static inline bool variables_none(struct span text)
{
	return !text.len || !memchr(text.ptr, '$', text.len);
}
/* Appends text with its variables replaced; *literal: some of that comes from the file.  False with ERROR_CONFIG; *at
 * is the place in text. */
bool variables_replace(struct span text, const struct variables_request *req, struct strbuf *out, bool *literal,
		       size_t *at, struct error *err) MUST_CHECK;

#endif
