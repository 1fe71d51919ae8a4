/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/qr.h"

#define BORDER 4
#define SIZE_MAX_ROWS 177 /* version 40 */
#define BLACK_ON_WHITE "\033[30;47m"
#define USUAL "\033[0m"

struct code {
	const char *rows;
	size_t size;
};

/* As many lines as each of them has characters. */
static bool is_square(struct span rows, struct code *out)
{
	const char *end = rows.len ? memchr(rows.ptr, '\n', rows.len) : NULL;
	size_t size = end ? (size_t)(end - rows.ptr) : 0;
	if (!size || size > SIZE_MAX_ROWS || rows.len != size * (size + 1))
		return false;
	for (size_t i = 0; i < rows.len; i++) {
		bool at_end = i % (size + 1) == size;
		if (at_end ? rows.ptr[i] != '\n' : rows.ptr[i] != '0' && rows.ptr[i] != '1')
			return false;
	}
	*out = (struct code){rows.ptr, size};
	return true;
}

/* Coordinates count from the corner of the border. */
static bool is_dark(const struct code *c, size_t x, size_t y)
{
	if (x < BORDER || y < BORDER || x >= c->size + BORDER || y >= c->size + BORDER)
		return false;
	return c->rows[(y - BORDER) * (c->size + 1) + x - BORDER] == '1';
}

bool oauth_qr_draw(struct span rows, unsigned columns, struct strbuf *out)
{
	static const char *const blocks[] = {" ", "\xe2\x96\x80", "\xe2\x96\x84", "\xe2\x96\x88"};
	struct code c;
	if (!is_square(rows, &c) || c.size + 2 * BORDER > columns)
		return false;
	size_t whole = c.size + 2 * BORDER;
	for (size_t y = 0; y < whole; y += 2) {
		strbuf_adds(out, BLACK_ON_WHITE);
		for (size_t x = 0; x < whole; x++)
			strbuf_adds(out, blocks[(is_dark(&c, x, y) ? 1 : 0) + (is_dark(&c, x, y + 1) ? 2 : 0)]);
		strbuf_adds(out, USUAL "\n");
	}
	return true;
}
