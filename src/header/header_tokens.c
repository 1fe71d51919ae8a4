/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	comment        =  "(" *([FWS] ccontent) [FWS] ")"		RFC 5322 section 3.2.2
 *	ccontent       =  ctext / quoted-pair / comment
 *	quoted-string  =  [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS]	section 3.2.4
 *	domain-literal =  [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]	section 3.4.1
 */
#include "header/header_tokens.h"

#include "base/utf8.h"
#include "base/xalloc.h"

void header_tokens_release(struct header_tokens *tokens)
{
	free(tokens->v);
	*tokens = HEADER_TOKENS_INIT;
}

static bool is_white(char c)
{
	return ascii_isblank(c) || c == '\n';
}

/* The length up to and including `end`. Quoted-pairs are skipped, and parentheses may be nested. 0: it does not end. */
static size_t enclosed_length(struct span text, char begin, char end)
{
	size_t depth = 1;
	for (size_t i = 1; i < text.len; i++) {
		if (text.ptr[i] == '\\')
			i++;
		else if (text.ptr[i] == end && --depth == 0)
			return i + 1;
		else if (text.ptr[i] == begin && begin == '(')
			depth++;
	}
	return 0;
}

static size_t space_length(struct span text)
{
	size_t n = 0;
	while (n < text.len && is_white(text.ptr[n]))
		n++;
	return n;
}

static bool is_special(char c, const char *specials)
{
	return c && strchr(specials, c);
}

static size_t atom_length(struct span text, const char *specials)
{
	size_t n = 0;
	while (n < text.len && !is_white(text.ptr[n]) && !is_special(text.ptr[n], specials) && text.ptr[n] != '(' &&
	       text.ptr[n] != '"')
		n++;
	return n;
}

/* Returns false if the token does not end. */
static bool first_token(struct span text, const char *specials, struct token *token)
{
	size_t n = 1;
	*token = (struct token){.kind = TOKEN_SPECIAL};
	if (is_white(*text.ptr)) {
		token->kind = TOKEN_SPACE;
		n = space_length(text);
	} else if (*text.ptr == '(') {
		token->kind = TOKEN_COMMENT;
		n = enclosed_length(text, '(', ')');
	} else if (*text.ptr == '"') {
		token->kind = TOKEN_QUOTED;
		n = enclosed_length(text, '"', '"');
	} else if (*text.ptr == '[' && is_special('[', specials)) {
		token->kind = TOKEN_LITERAL;
		n = enclosed_length(text, '[', ']');
	} else if (!is_special(*text.ptr, specials)) {
		token->kind = TOKEN_ATOM;
		n = atom_length(text, specials);
	}
	token->text = span_sub(text, 0, n);
	return n > 0;
}

bool header_tokens_scan(struct span text, const char *specials, struct header_tokens *tokens)
{
	while (text.len) {
		struct token token;
		if (!first_token(text, specials, &token))
			return false;
		GROW(tokens->v, tokens->n, tokens->cap);
		tokens->v[tokens->n++] = token;
		text = span_sub(text, token.text.len, text.len);
	}
	return true;
}

bool token_is(const struct token *token, char special)
{
	return token->kind == TOKEN_SPECIAL && *token->text.ptr == special;
}

/* ---- tokens as pieces -------------------------------------------------------- */

/* The length of a character of a comment: of a quoted-pair both, and the fold if one is between them. The last octet of
 * a comment, ")", is in none. */
static size_t char_length(const char *c)
{
	return *c != '\\' ? 1 : c[1] == '\n' ? 3 : 2;
}

/* Adds the words between white space and parentheses. An encoded-word may touch a parenthesis within a comment. */
static void add_comment(struct header_pieces *pieces, struct span comment)
{
	for (size_t i = 0, n; i < comment.len; i += n) {
		char c = comment.ptr[i];
		n = 1;
		if (is_white(c)) {
			n = space_length(span_sub(comment, i, comment.len));
			header_pieces_add_space(pieces, span_sub(comment, i, i + n));
		} else if (c == '(' || c == ')') {
			struct piece *piece = header_pieces_add(pieces, PIECE_FIXED, span_sub(comment, i, i + 1));
			piece->open = c == '(' || i + 1 < comment.len;
			piece->close = c == ')' || i > 0;
		} else {
			n = 0;
			while (i + n < comment.len && !is_white(comment.ptr[i + n]) && comment.ptr[i + n] != '(' &&
			       comment.ptr[i + n] != ')')
				n += char_length(comment.ptr + i + n);
			header_pieces_add_word(pieces, FORM_ESCAPED, span_sub(comment, i, i + n));
		}
	}
}

static bool after_comma(const struct header_target *to)
{
	const struct header_pieces *pieces = to->pieces;
	return pieces->n && span_equal(pieces->v[pieces->n - 1].text, SPAN_LIT(","));
}

static void add_gap(const struct header_target *to)
{
	if (to->spaced && !to->pieces->space.len)
		header_pieces_add_space(to->pieces, SPAN_LIT(" "));
}

void header_tokens_add_phrase(const struct header_target *to, const struct token *token)
{
	if (token->kind == TOKEN_COMMENT || (after_comma(to) && token->kind != TOKEN_SPACE))
		add_gap(to);
	if (token->kind == TOKEN_SPACE)
		header_pieces_add_space(to->pieces, token->text);
	else if (token->kind == TOKEN_COMMENT)
		add_comment(to->pieces, token->text);
	else
		header_pieces_add_word(to->pieces, token->kind == TOKEN_QUOTED ? FORM_QUOTED : FORM_PLAIN, token->text);
}

/* Adds what needs no change. Returns false for a token that is not ASCII and neither white space nor a comment. */
static bool add_as_it_is(const struct header_target *to, const struct token *token)
{
	if (after_comma(to) && token->kind != TOKEN_SPACE)
		add_gap(to);
	if (token->kind == TOKEN_SPACE || token->kind == TOKEN_COMMENT)
		header_tokens_add_phrase(to, token);
	else if (token->kind == TOKEN_ATOM && encoded_word_is(token->text))
		header_pieces_add_word(to->pieces, FORM_PLAIN, token->text); /* spaces beside it are lost */
	else if (utf8_is_ascii(token->text))
		header_pieces_add(to->pieces, PIECE_FIXED, token->text);
	else
		return false;
	return true;
}

void header_add_unencoded(struct span text, const struct header_encoding *how, struct strbuf *out)
{
	size_t before = out->len;
	strbuf_add_span(out, text);
	for (size_t i = before; !how->eightbit && i < out->len; i++)
		if (out->buf[i] & 0x80)
			out->buf[i] = '?';
}

void header_tokens_add_fixed(const struct header_target *to, const struct token *token)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (add_as_it_is(to, token))
		return;
	header_add_unencoded(token->text, to->how, &text);
	header_pieces_add_made(to->pieces, to->pieces->space, &text);
}

void header_tokens_add_url(const struct header_target *to, const struct token *token)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (add_as_it_is(to, token))
		return;
	for (size_t i = 0; i < token->text.len; i++)
		if (token->text.ptr[i] & 0x80)
			strbuf_addf(&text, "%%%02X", (unsigned char)token->text.ptr[i]);
		else
			strbuf_addch(&text, token->text.ptr[i]);
	header_pieces_add_made(to->pieces, to->pieces->space, &text);
}
