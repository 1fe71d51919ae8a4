/* SPDX-License-Identifier: GPL-3.0-or-later */
/* header_encoding: what header_encode does with text that has no place in ASCII. */
#ifndef HEADER_HEADER_ENCODING_H
#define HEADER_HEADER_ENCODING_H

#include "base/error.h"

struct header_encoding {
	bool eightbit; /* what cannot be encoded stays as it is */
	/* Returns the domain as A-labels, malloc'ed, or NULL with err set. NULL: no domain is converted. */
	char *(*domain_to_ascii)(struct span domain, struct error *err);
};

#endif
