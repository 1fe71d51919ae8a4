/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fold: folding of header fields (RFC 5322 section 2.2.3).
 *
 * A struct fold represents the end of a buffer to which a field is being written, and knows how long the current line
 * is. Callers may append to the buffer directly as long as what they append has no line end.
 *
 *	struct fold f = fold_begin(out, "\r\n");
 *	fold_add(&f, SPAN_LIT("Keywords:"));
 *	fold_words(&f, words, LINE_WANTED);
 *	fold_break(&f);
 */
#ifndef CODEC_FOLD_H
#define CODEC_FOLD_H

#include "base/strbuf.h"
#include "codec/line_limits.h"

struct fold {
	struct strbuf *out;
	const char *eol; /* "\r\n" or "\n" */
	size_t line;	 /* where in out the current line begins */
};

/* The current line begins at the end of out. out must live as long as the struct fold is used. */
struct fold fold_begin(struct strbuf *out, const char *eol);
/* How many octets the current line has. */
size_t fold_column(const struct fold *f);
/* Appends text as it is. It may contain line ends. */
void fold_add(struct fold *f, struct span text);
/* Ends the current line, which must not be empty. If the field goes on, the next octet must be a space or tab. */
void fold_break(struct fold *f);
/* Appends a space, on a new line if width more octets after it would make the current line longer than max. An empty
 * line is not ended. */
void fold_space(struct fold *f, size_t width, size_t max);
/* Appends the words of text, a space before each. Starts a new line before a word that does not fit, except before the
 * first one: a field whose first line is empty surprises readers. */
void fold_words(struct fold *f, struct span text, size_t max);

/*
 * Appends a complete field to out and breaks its lines that are longer than max: at the last space before column
 * LINE_WANTED, or else at the first one after it. Never creates a line of white space only. A line without white space
 * stays as it is. The line ends of field must be CRLF; the last one may be missing.
 */
void fold_long_lines(struct span field, size_t max, struct strbuf *out);

#endif
