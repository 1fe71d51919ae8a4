/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lexer: the text of a configuration file as commands and arguments.
 *
 *	line     = *blank [ comment / command [ 1*blank argument ] *blank ]
 *	comment  = "#" *any
 *	command  = 1*nonblank
 *	argument = text / quoted
 *
 * msmtp's flavour removes one surrounding pair of double quotes, whatever is
 * between them.  In our own files an argument that begins with a double quote
 * ends with the next one, and \" and \\ stand for " and \ between them.
 * Lines end with LF or CRLF, are as long as they like, and a UTF-8 byte order
 * mark may begin the text.  Nothing is copied before lexer_argument().
 */
#ifndef CONFIG_LEXER_H
#define CONFIG_LEXER_H

#include "base/error.h"
#include "base/strbuf.h"

enum config_flavour { FLAVOUR_OWN, FLAVOUR_MSMTP };

struct lexer {
	struct span rest;
	unsigned line; /* of the line handed out last, from 1 */
};

struct lexer_line {
	unsigned line;
	unsigned column, argument_column; /* octets from 1 */
	struct span command, argument;	  /* argument as written, blanks around it cut; borrowed from the text */
};

void lexer_init(struct lexer *lexer, struct span text);
/* 1: *out is the next line that says something; 0: the end; -1: ERROR_CONFIG (a NUL), out->line and ->column say where.
 */
int lexer_next(struct lexer *lexer, struct lexer_line *out, struct error *err);
/* The raw argument without its quotes.  ERROR_CONFIG for a quote that does not end, text behind it, or an unknown
 * escape; *at is the offset of the fault in raw. */
bool lexer_argument(struct span raw, enum config_flavour flavour, struct strbuf *out, size_t *at,
		    struct error *err) MUST_CHECK;
/* Cuts the next blank-separated word, quoted as in our own files, off *rest: 1, 0 at the end, -1 with ERROR_CONFIG. */
int lexer_word(struct span *rest, struct strbuf *out, struct error *err);
/* Writes text as an argument of our own files, with quotes where it needs them. */
void lexer_quote(struct span text, bool one_word, struct strbuf *out);

#endif
