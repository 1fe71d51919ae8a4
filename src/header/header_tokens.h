/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_tokens: the lexical tokens of a structured field (RFC 5322 section 3.2, RFC 2045 section 5.1), and what to do
 * with those that are not ASCII.
 *
 * Internal to header_encode. The text is the value of one field; a line end in it is a lone LF, followed by a space or
 * tab.
 */
#ifndef HEADER_HEADER_TOKENS_H
#define HEADER_HEADER_TOKENS_H

#include "base/error.h"
#include "header/header_pieces.h"

enum token_kind { TOKEN_SPACE, TOKEN_COMMENT, TOKEN_QUOTED, TOKEN_LITERAL, TOKEN_ATOM, TOKEN_SPECIAL };

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
/* specials: the characters that are tokens of their own. Together, the tokens are all of the text. Returns false if a
 * comment, quoted-string or domain-literal does not end. */
bool header_tokens_scan(struct span text, const char *specials, struct header_tokens *tokens) MUST_CHECK;
bool token_is(const struct token *token, char special);

/* Why a field cannot be sent as ASCII. */
enum header_refusal {
	REFUSAL_LOCAL,	/* the local part of an address is not ASCII */
	REFUSAL_DOMAIN, /* the domain of an address is not ASCII */
	REFUSAL_NAME,	/* a name where an address is expected: local, or part of an unquoted name with a comma */
	REFUSAL_PLACE,	/* another place where only ASCII is allowed */
	REFUSAL_SYNTAX, /* the field cannot be read */
	REFUSAL_UTF8,	/* the octets above 127 are not UTF-8 */
	REFUSAL_LONG,	/* a line would be longer than LINE_LIMIT */
	REFUSAL_SIZE	/* the field is longer than HEADER_ENCODE_FIELD_MAX */
};
/* Reports why the field with that name is refused, and shows `what`, the part of it to look at. Always returns false.
 */
bool header_refuse(struct error *err, enum header_refusal why, struct span name, struct span what);

/* Adds white space or a comment as pieces, any other token as a word of a phrase. */
void header_tokens_add_phrase(struct header_pieces *pieces, const struct token *token);
/* Adds white space or a comment as pieces, any other token as a fixed piece. Refuses it, because of `why`, if it is not
 * ASCII. */
bool header_tokens_add_fixed(struct header_pieces *pieces, const struct token *token, enum header_refusal why,
			     struct span name, struct error *err) MUST_CHECK;

/* Adds the value of Content-Type or Content-Disposition, with extended parameters (RFC 2231) where they are needed. Is
 * in header_parameters.c. */
bool header_parameters_add(struct header_pieces *pieces, struct span name, struct span value,
			   struct error *err) MUST_CHECK;

#endif
