/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	comment        =  "(" *([FWS] ccontent) [FWS] ")"		RFC 5322 section 3.2.2
 *	ccontent       =  ctext / quoted-pair / comment
 *	quoted-string  =  [CFWS] DQUOTE *([FWS] qcontent) [FWS] DQUOTE [CFWS]	section 3.2.4
 *	domain-literal =  [CFWS] "[" *([FWS] dtext) [FWS] "]" [CFWS]	section 3.4.1
 */
#include "header/header_tokens.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "codec/line_limits.h"

#define SHOWN_MAX 60

void header_tokens_release(struct header_tokens *tokens)
{
	free(tokens->v);
	*tokens = HEADER_TOKENS_INIT;
}

static bool is_blank(char c)
{
	return ascii_isblank(c) || c == '\n';
}

/* Up to the octet behind end, quoted-pairs skipped; with nesting, where it is counted.  0: it does not end. */
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

static size_t blanks_length(struct span text)
{
	size_t n = 0;
	while (n < text.len && is_blank(text.ptr[n]))
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
	while (n < text.len && !is_blank(text.ptr[n]) && !is_special(text.ptr[n], specials) && text.ptr[n] != '(' &&
	       text.ptr[n] != '"')
		n++;
	return n;
}

/* False if it does not end. */
static bool first_token(struct span text, const char *specials, struct token *token)
{
	size_t n = 1;
	*token = (struct token){.kind = TOKEN_SPECIAL};
	if (is_blank(*text.ptr)) {
		token->kind = TOKEN_BLANKS;
		n = blanks_length(text);
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

/* ---- what cannot be ---------------------------------------------------------- */

bool header_refuse(struct error *err, enum header_refusal why, struct span name, struct span what)
{
	AUTO_FREE char *field = clean_text(name, SHOWN_MAX);
	AUTO_FREE char *shown = clean_text(span_trim(what), SHOWN_MAX);

	switch (why) {
	case REFUSAL_LOCAL:
		(void)error_set(err, ERROR_MESSAGE,
				_("the field %s holds an address whose local part is not ASCII (%s)"), field, shown);
		error_hint(err, _("Put an address in ASCII in its place, or send the message through a server that "
				  "offers SMTPUTF8."));
		break;
	case REFUSAL_DOMAIN:
		(void)error_set(err, ERROR_MESSAGE, _("the field %s holds an address whose domain is not ASCII (%s)"),
				field, shown);
		error_hint(err, _("Write the domain in its ASCII form (xn--...), or send the message through a server "
				  "that offers SMTPUTF8."));
		break;
	case REFUSAL_NAME:
		(void)error_set(err, ERROR_MESSAGE,
				_("the field %s holds a name that is not ASCII where an address should stand (%s)"),
				field, shown);
		error_hint(err, _("Put a name with a comma in it into quotes, and write the address behind it in angle "
				  "brackets."));
		break;
	case REFUSAL_PLACE:
		(void)error_set(err, ERROR_MESSAGE,
				_("the field %s holds characters that are not ASCII where only ASCII may stand (%s)"),
				field, shown);
		error_hint(err, _("Correct the field or leave it out, or send the message through a server that offers "
				  "SMTPUTF8."));
		break;
	case REFUSAL_SYNTAX:
		(void)error_set(err, ERROR_MESSAGE,
				_("the field %s holds characters that are not ASCII and cannot be encoded, because it "
				  "is not well formed (%s)"),
				field, shown);
		error_hint(err, _("Look for a quote or parenthesis that is missing, or for a name that should stand in "
				  "quotes."));
		break;
	case REFUSAL_UTF8:
		(void)error_set(err, ERROR_MESSAGE, _("the field %s holds octets above 127 that are not UTF-8 (%s)"),
				field, shown);
		error_hint(err, _("Have the program that makes the message write its header in UTF-8 or in "
				  "encoded-words (RFC 2047)."));
		break;
	case REFUSAL_LONG:
		(void)error_set(err, ERROR_MESSAGE, _("the field %s would have a line longer than %d octets"), field,
				LINE_LIMIT);
		error_hint(err, _("Shorten the field, or fold it into several lines."));
		break;
	case REFUSAL_SIZE:
		(void)error_set(err, ERROR_MESSAGE,
				_("the field %s holds characters that are not ASCII and is too long to be encoded"),
				field);
		error_hint(err, _("Shorten the field, or divide it into several."));
		break;
	}
	return false;
}

/* ---- tokens as pieces -------------------------------------------------------- */

/* Words between blanks and parentheses; an encoded-word may touch a parenthesis within the comment. */
static void add_comment(struct header_pieces *pieces, struct span comment)
{
	for (size_t i = 0, n; i < comment.len; i += n) {
		char c = comment.ptr[i];
		n = 1;
		if (is_blank(c)) {
			n = blanks_length(span_sub(comment, i, comment.len));
			header_pieces_blanks(pieces, span_sub(comment, i, i + n));
		} else if (c == '(' || c == ')') {
			struct piece *piece = header_pieces_add(pieces, PIECE_FIXED, span_sub(comment, i, i + 1));
			piece->open = c == '(' || i + 1 < comment.len;
			piece->close = c == ')' || i > 0;
		} else {
			n = 0;
			while (i + n < comment.len && !is_blank(comment.ptr[i + n]) && comment.ptr[i + n] != '(' &&
			       comment.ptr[i + n] != ')')
				n += comment.ptr[i + n] == '\\' ? 2
								: 1; /* the last octet is a parenthesis of its own */
			header_pieces_add_word(pieces, FORM_ESCAPED, span_sub(comment, i, i + n));
		}
	}
}

void header_tokens_add_phrase(struct header_pieces *pieces, const struct token *token)
{
	if (token->kind == TOKEN_BLANKS)
		header_pieces_blanks(pieces, token->text);
	else if (token->kind == TOKEN_COMMENT)
		add_comment(pieces, token->text);
	else
		header_pieces_add_word(pieces, token->kind == TOKEN_QUOTED ? FORM_QUOTED : FORM_PLAIN, token->text);
}

bool header_tokens_add_fixed(struct header_pieces *pieces, const struct token *token, enum header_refusal why,
			     struct span name, struct error *err)
{
	if (token->kind == TOKEN_BLANKS || token->kind == TOKEN_COMMENT)
		header_tokens_add_phrase(pieces, token);
	else if (!utf8_is_ascii(token->text))
		return header_refuse(err, why, name, token->text);
	else
		header_pieces_add(pieces, PIECE_FIXED, token->text);
	return true;
}
