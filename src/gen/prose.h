/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prose: the text files of doc/options, and how each format writes them.
 * doc/options/README describes the markup.
 */
#ifndef GEN_PROSE_H
#define GEN_PROSE_H

#include "config/option.h"

/* How a format writes the pieces of prose. */
struct markup {
	void (*escape)(char c, bool code, bool line_start, struct strbuf *out);
	const char *code_open, *code_close;
	const char *paragraph; /* between two */
	const char *example_open, *example_close;
	const char *list_open, *item, *list_close;
};
extern const struct markup markup_man, markup_texi;

/* The name of the row's file in doc/options: command, else flag with "_" for "-", else "letter_X"; malloc'ed. */
char *prose_name(const struct option_row *row);
/* Reads a text file whole, without its "#" lines. */
bool prose_read(const char *folder, const char *name, struct strbuf *out, struct error *err) MUST_CHECK;
void prose_write(const struct markup *m, struct span prose, struct strbuf *out);
/* One line of text with `code` in it; a sentence ends its line. */
void prose_inline(const struct markup *m, struct span text, struct strbuf *out);
/* "Default: ..." of the row in our files and in an msmtprc, as prose; empty if there is none. */
void prose_defaults(const struct option_row *row, struct strbuf *out);

#endif
