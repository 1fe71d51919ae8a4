/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * address_lexer: the tokens of an address list (RFC 5322 section 3.2), read one after the other. Internal to address.c.
 *
 * Each function that takes or skips something starts at its first octet and stops after its last one. On failure it
 * returns false with ERROR_ADDRESS, which quotes the text from `start` on.
 */
#ifndef ADDRESS_ADDRESS_LEXER_H
#define ADDRESS_ADDRESS_LEXER_H

#include "base/error.h"
#include "base/strbuf.h"

struct address_lexer {
	struct span text;
	size_t at;
	size_t start; /* where the current address began, for errors */
	size_t end;   /* after the last token that belongs to the address, without white space and comments */
	bool space;   /* white space or a comment was skipped; reset by the caller */
	struct error *err;
};

/* Always false. fmt has one %s, for the text. */
bool address_lexer_fail(const struct address_lexer *lexer, const char *fmt);
/* The next octet, or -1 at the end. */
static inline int address_lexer_peek(const struct address_lexer *lexer)
{
	return lexer->at < lexer->text.len ? (unsigned char)lexer->text.ptr[lexer->at] : -1;
}
/* Checks all of the text: CR and LF only as folding, and no NUL. Must be called first: other functions skip CR and LF.
 */
bool address_lexer_check(const struct address_lexer *lexer) MUST_CHECK;
/* Skips white space, folding and comments. */
bool address_lexer_skip_space(struct address_lexer *lexer) MUST_CHECK;
/* Appends the content of a quoted-string, without folding. */
bool address_lexer_take_quoted(struct address_lexer *lexer, struct strbuf *out) MUST_CHECK;
/* Empty if the next octet cannot begin an atom. */
struct span address_lexer_take_atom(struct address_lexer *lexer);
/* Appends the domain after an "@". A dot at the end, which stands for the root, is dropped. */
bool address_lexer_take_domain(struct address_lexer *lexer, struct strbuf *out) MUST_CHECK;

#endif
