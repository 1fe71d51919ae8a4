/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prose: reads the text files of doc/options and writes them in each format.  doc/options/README describes the
 * markup.
 */
#ifndef GEN_PROSE_H
#define GEN_PROSE_H

#include "config/option.h"

/* How a format writes each element of the markup. */
struct markup {
	void (*escape)(char c, bool code, bool line_start, struct strbuf *out);
	const char *code_open, *code_close;
	const char *paragraph; /* between two paragraphs */
	const char *example_open, *example_close;
	const char *list_open, *item, *list_close;
};
extern const struct markup markup_man, markup_texi;

/* The name of the row's file in doc/options: its command, else its flag with "_" for "-", else "letter_X"; malloc'ed.
 */
char *prose_name(const struct option_row *row);
/* Appends a text file without the lines that begin with "#".  False with ERROR_FILE_MISSING or ERROR_IO. */
bool prose_read(const char *folder, const char *name, struct strbuf *out, struct error *err) MUST_CHECK;
void prose_write(const struct markup *m, struct span prose, struct strbuf *out);
/* Writes one line of text with `code` in it; each sentence ends a line of output. */
void prose_inline(const struct markup *m, struct span text, struct strbuf *out);
/* Writes "Default: ..." for our own files and for an msmtprc, as prose; nothing if there is no default. */
void prose_defaults(const struct option_row *row, struct strbuf *out);

#endif
