/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_levels: the multiparts that are open at a place in a message, one inside the other, and their boundaries.
 */
#ifndef MIME_MIME_LEVELS_H
#define MIME_MIME_LEVELS_H

#include "base/span.h"

struct mime_level {
	char *boundary; /* owned */
	size_t index;	/* of the multipart, see struct mime_entity */
	unsigned depth;
	bool seals;  /* multipart/signed or multipart/encrypted, or inside one */
	bool digest; /* multipart/digest */
};

struct mime_levels {
	struct mime_level *v; /* the outermost first */
	size_t n, cap;
};
#define MIME_LEVELS_INIT ((struct mime_levels){NULL, 0, 0})
void mime_levels_release(struct mime_levels *levels);

/* Adds the innermost level. */
void mime_levels_open(struct mime_levels *levels, struct mime_level level);
/* Closes all levels but the n outermost ones. */
void mime_levels_close(struct mime_levels *levels, size_t n);
/* Whether no line could be a delimiter both of a multipart with this boundary and of one that is open. */
bool mime_levels_allow(const struct mime_levels *levels, const char *boundary);
/* Whether line, without its line end, is a delimiter of levels->v[*k]; *closing: the one after its last part. All open
 * boundaries are tried, the innermost first. */
bool mime_levels_find(const struct mime_levels *levels, struct span line, size_t *k, bool *closing);

#endif
