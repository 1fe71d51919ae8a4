/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shapes: messages as they come to a submission program, several hundred of
 * them, made from charsets, encodings, nesting, headers and line ends.  Always the
 * same ones, in the same order.
 */
#ifndef GMIME_SHAPES_H
#define GMIME_SHAPES_H

#include "base/strbuf.h"

enum shape_want {
	SHAPE_FITS,   /* can be had in 7 bit */
	SHAPE_REFUSED /* cannot, and must be refused */
};

struct shape {
	const char *name;
	struct span text;
	enum shape_want want;
};

typedef void shape_fn(const struct shape *shape, void *arg);

/* Calls found with each; what it gets lives until it returns. */
void shapes_each(shape_fn *found, void *arg);
/* Headers alone, without a body. */
void shapes_each_header(shape_fn *found, void *arg);

#endif
