/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	dash-boundary   = "--" boundary				RFC 2046 section 5.1.1
 *	delimiter       = CRLF dash-boundary
 *	close-delimiter = delimiter "--"
 *
 * A delimiter line contains the boundary and nothing but white space after it. The RFC would allow a line that merely
 * begins with it, but then "--a" would end at "--ab", and parsers of today compare the entire line.
 */
#include "mime/mime_levels.h"

#include "base/xalloc.h"

#include <stdlib.h>

void mime_levels_open(struct mime_levels *levels, struct mime_level level)
{
	GROW(levels->v, levels->n, levels->cap);
	levels->v[levels->n++] = level;
}

void mime_levels_close(struct mime_levels *levels, size_t n)
{
	while (levels->n > n)
		free(levels->v[--levels->n].boundary);
}

void mime_levels_release(struct mime_levels *levels)
{
	mime_levels_close(levels, 0);
	free(levels->v);
	*levels = MIME_LEVELS_INIT;
}

/* Whether a line could be a delimiter of both. */
static bool boundaries_collide(const char *a, const char *b)
{
	size_t al = strlen(a), bl = strlen(b);
	if (al > bl)
		return boundaries_collide(b, a);
	return strncmp(a, b, al) == 0 && (al == bl || strcmp(b + al, "--") == 0);
}

bool mime_levels_allow(const struct mime_levels *levels, const char *boundary)
{
	for (size_t i = 0; i < levels->n; i++)
		if (boundaries_collide(levels->v[i].boundary, boundary))
			return false;
	return true;
}

bool mime_levels_find(const struct mime_levels *levels, struct span line, size_t *k, bool *closing)
{
	if (line.len < 3 || line.ptr[0] != '-' || line.ptr[1] != '-')
		return false;
	while (line.len && ascii_isblank(line.ptr[line.len - 1]))
		line.len--;
	line = span_sub(line, 2, line.len < 2 ? 2 : line.len);
	for (size_t i = levels->n; i-- > 0;) {
		size_t len = strlen(levels->v[i].boundary);
		if (line.len < len || memcmp(line.ptr, levels->v[i].boundary, len) != 0)
			continue;
		*k = i;
		*closing = line.len == len + 2 && memcmp(line.ptr + len, "--", 2) == 0;
		if (*closing || line.len == len)
			return true;
	}
	return false;
}
