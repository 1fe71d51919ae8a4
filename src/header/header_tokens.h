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

#include "header/header_encoding.h"
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
 * comment, quoted-string or domain-literal does not end; the tokens are then those before it. */
bool header_tokens_scan(struct span text, const char *specials, struct header_tokens *tokens) MUST_CHECK;
bool token_is(const struct token *token, char special);

/* A field that is being encoded. */
struct header_target {
	struct header_pieces *pieces;
	const struct header_encoding *how;
	struct span name;
	bool spaced; /* a space, which means nothing there, is put after "," and before comments, so that lines can end
		      */
};

/* Add white space or a comment as pieces, and any other token ... */
/* ... as a word of a phrase, */
void header_tokens_add_phrase(const struct header_target *to, const struct token *token);
/* ... as a fixed piece; octets above 127 stay, or become "?", as to->how says, */
void header_tokens_add_fixed(const struct header_target *to, const struct token *token);
/* ... as a fixed piece whose octets above 127 are percent-encoded. */
void header_tokens_add_url(const struct header_target *to, const struct token *token);

/* Appends text with "?" for each octet above 127, or as it is if how allows that. */
void header_add_unencoded(struct span text, const struct header_encoding *how, struct strbuf *out);

/* Adds the value of Content-Type or Content-Disposition, with extended parameters (RFC 2231) where they are needed.
 * Returns false if it cannot be parsed. Is in header_parameters.c. */
bool header_parameters_add(const struct header_target *to, struct span value) MUST_CHECK;

#endif
