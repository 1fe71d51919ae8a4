/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_tokens: the lexical tokens of a structured field (RFC 5322 section 3.2,
 * RFC 2045 section 5.1), and what is done with those that hold more than ASCII.
 *
 * Internal to header_encode.  The text is one value, its line ends a lone LF
 * with a blank behind it.
 */
#ifndef HEADER_HEADER_TOKENS_H
#define HEADER_HEADER_TOKENS_H

#include "base/error.h"
#include "header/header_pieces.h"

enum token_kind { TOKEN_BLANKS, TOKEN_COMMENT, TOKEN_QUOTED, TOKEN_LITERAL, TOKEN_ATOM, TOKEN_SPECIAL };

struct token {
	enum token_kind kind;
	struct span text;
};

struct header_tokens {
	struct token *v;
	size_t n, cap;
};
#define HEADER_TOKENS_INIT ((struct header_tokens){NULL, 0, 0})

void header_tokens_release(struct header_tokens *tokens);
/* specials: what stands for itself, one octet each.  The tokens joined are the text.  False if a comment,
 * quoted-string or domain-literal does not end. */
bool header_tokens_scan(struct span text, const char *specials, struct header_tokens *tokens) MUST_CHECK;
bool token_is(const struct token *token, char special);

/* What makes a field impossible to send as ASCII. */
enum header_refusal {
	REFUSAL_LOCAL,	/* the local part of an address */
	REFUSAL_DOMAIN, /* its domain */
	REFUSAL_NAME,	/* a name where an address should stand: local, or part of an unquoted name with a comma */
	REFUSAL_PLACE,	/* any other place for ASCII alone */
	REFUSAL_SYNTAX, /* the field cannot be read */
	REFUSAL_UTF8,	/* what is above 127 is no UTF-8 */
	REFUSAL_LONG,	/* a line longer than 998 */
	REFUSAL_SIZE	/* a field longer than anybody writes */
};
/* Sets the error; what is shown of the field.  Always false. */
bool header_refuse(struct error *err, enum header_refusal why, struct span name, struct span what);

/* Adds blanks or a comment as pieces, any other token as a word of a phrase. */
void header_tokens_add_phrase(struct header_pieces *pieces, const struct token *token);
/* Adds blanks or a comment as pieces, any other token as a fixed piece; refused for why if it is not ASCII. */
bool header_tokens_add_fixed(struct header_pieces *pieces, const struct token *token, enum header_refusal why,
			     struct span name, struct error *err) MUST_CHECK;

/* The value of Content-Type or Content-Disposition, with RFC 2231 where it must be (header_parameters.c). */
bool header_parameters_add(struct header_pieces *pieces, struct span name, struct span value,
			   struct error *err) MUST_CHECK;

#endif
