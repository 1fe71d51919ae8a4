/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lexer: splits the text of a configuration file into commands and arguments.
 *
 *	line     = *blank [ comment / command [ 1*blank argument ] *blank ]
 *	comment  = "#" *any
 *	command  = 1*nonblank
 *	argument = text / quoted
 *
 * A blank is a space or tab.  In an msmtprc one pair of double quotes around an argument is removed, whatever is
 * between them.  In our own files an argument that begins with a double quote ends with the next one, and \" and \\
 * stand for " and \ between them.  Lines end with LF or CRLF; there is no limit on line length; a UTF-8 byte order
 * mark at the beginning is ignored.  Nothing is copied before lexer_argument().
 */
#ifndef CONFIG_LEXER_H
#define CONFIG_LEXER_H

#include "base/error.h"
#include "base/strbuf.h"

enum config_flavour { FLAVOUR_OWN, FLAVOUR_MSMTP };

struct lexer {
	struct span rest;
	unsigned line; /* number of the line returned last, from 1 */
};

struct lexer_line {
	unsigned line;
	unsigned column, argument_column; /* in bytes, from 1 */
	struct span command,
		argument; /* the argument as written, without spaces around it; both borrowed from the text */
};

void lexer_init(struct lexer *lexer, struct span text);
/* Returns 1: *out is the next line that is neither empty nor a comment; 0: the end; -1: ERROR_CONFIG (a NUL), with
 * the place in out->line and out->column. */
int lexer_next(struct lexer *lexer, struct lexer_line *out, struct error *err);
/* Appends the raw argument without its quotes.  ERROR_CONFIG for a missing closing quote, text after it, or an
 * unknown escape; *at is the offset of the fault in raw. */
bool lexer_argument(struct span raw, enum config_flavour flavour, struct strbuf *out, size_t *at,
		    struct error *err) MUST_CHECK;
/* Removes the next word, separated by spaces and tabs and quoted as in our own files, from the front of *rest and
 * appends it to out.  Returns 1, 0 at the end, -1 with ERROR_CONFIG. */
int lexer_word(struct span *rest, struct strbuf *out, struct error *err);
/* Writes text as an argument of our own files, with quotes if it needs them. */
void lexer_quote(struct span text, bool one_word, struct strbuf *out);

#endif
