/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shapes: several hundred messages such as a submission program gets, made from combinations of charsets, encodings,
 * nesting, headers and line ends. They are always the same, in the same order.
 */
#ifndef GMIME_SHAPES_H
#define GMIME_SHAPES_H

#include "base/strbuf.h"

enum shape_want {
	SHAPE_FITS,   /* can be converted to 7 bit */
	SHAPE_REFUSED /* cannot be converted, and has to be refused */
};

struct shape {
	const char *name;
	struct span text;
	enum shape_want want;
};

typedef void shape_fn(const struct shape *shape, void *arg);

/* Calls found with each shape, which is valid until found returns. */
void shapes_each(shape_fn *found, void *arg);
/* Only headers, without a body. */
void shapes_each_header(shape_fn *found, void *arg);

#endif
