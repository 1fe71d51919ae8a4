/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	comment        =  "(" *([FWS] ccontent) [FWS] ")"		RFC 5322 section 3.2.2
 *	quoted-string  =  DQUOTE *([FWS] qcontent) [FWS] DQUOTE		section 3.2.4
 *	domain         =  atom *("." atom) / "[" *([FWS] dtext) [FWS] "]"	section 3.4.1, section 4.4
 */
#include "address/address_lexer.h"

#include "address/address_check.h"
#include "base/clean_text.h"
#include "base/i18n.h"

#define QUOTE_MAX 60 /* how much of the text an error quotes */

bool address_lexer_fail(const struct address_lexer *lexer, const char *fmt)
{
	struct span near = span_sub(lexer->text, lexer->start, lexer->text.len);
	size_t max = near.len < QUOTE_MAX * 2 ? near.len : QUOTE_MAX * 2;
	AUTO_FREE char *place = clean_text(span_sub(near, 0, max), QUOTE_MAX);
	return error_set(lexer->err, ERROR_ADDRESS, fmt, place);
}

bool address_lexer_check(const struct address_lexer *lexer)
{
	struct span text = lexer->text;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '\r' && text.len - i > 2 && text.ptr[i + 1] == '\n' && ascii_isblank(text.ptr[i + 2]))
			i += 2;
		else if (c == '\r' || c == '\n' || c == '\0')
			return address_lexer_fail(lexer, _("a line end or NUL inside the address \"%s\""));
	}
	return true;
}

/* Comments may be nested to any depth. */
static bool skip_comment(struct address_lexer *lexer)
{
	size_t depth = 0;
	for (; lexer->at < lexer->text.len; lexer->at++) {
		char c = lexer->text.ptr[lexer->at];
		if (c == '\\')
			lexer->at++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0) {
			lexer->at++;
			return true;
		}
	}
	lexer->at = lexer->text.len;
	return address_lexer_fail(lexer, _("the \")\" of a comment is missing in the address \"%s\""));
}

bool address_lexer_skip_space(struct address_lexer *lexer)
{
	for (int c; (c = address_lexer_peek(lexer)) == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '(';) {
		lexer->space = true;
		if (c != '(')
			lexer->at++;
		else if (!skip_comment(lexer))
			return false;
	}
	return true;
}

bool address_lexer_take_quoted(struct address_lexer *lexer, struct strbuf *out)
{
	for (lexer->at++; lexer->at < lexer->text.len; lexer->at++) {
		char c = lexer->text.ptr[lexer->at];
		if (c == '"') {
			lexer->at++;
			return true;
		}
		if (c == '\r' || c == '\n')
			continue;
		if (c == '\\' && lexer->at + 1 < lexer->text.len)
			c = lexer->text.ptr[++lexer->at];
		strbuf_addch(out, c);
	}
	return address_lexer_fail(lexer, _("a closing quotation mark is missing in the address \"%s\""));
}

struct span address_lexer_take_atom(struct address_lexer *lexer)
{
	size_t from = lexer->at;
	while (lexer->at < lexer->text.len && address_is_atext(lexer->text.ptr[lexer->at]))
		lexer->at++;
	return span_sub(lexer->text, from, lexer->at);
}

static bool take_literal(struct address_lexer *lexer, struct strbuf *out)
{
	const char *close = memchr(lexer->text.ptr + lexer->at, ']', lexer->text.len - lexer->at);
	if (!close)
		lexer->at = lexer->text.len;
	if (!close)
		return address_lexer_fail(lexer, _("the \"]\" of a domain literal is missing in the address \"%s\""));
	size_t end = (size_t)(close - lexer->text.ptr) + 1;
	for (; lexer->at < end; lexer->at++)
		if (!strchr(" \t\r\n", lexer->text.ptr[lexer->at]))
			strbuf_addch(out, lexer->text.ptr[lexer->at]);
	lexer->end = lexer->at;
	return true;
}

bool address_lexer_take_domain(struct address_lexer *lexer, struct strbuf *out)
{
	size_t before = out->len;
	for (;;) {
		if (!address_lexer_skip_space(lexer))
			return false;
		int c = address_lexer_peek(lexer);
		if (c == '[' && out->len == before)
			return take_literal(lexer, out);
		struct span atom = address_lexer_take_atom(lexer);
		if (!atom.len)
			break;
		strbuf_add_span(out, atom);
		lexer->end = lexer->at;
		if (!address_lexer_skip_space(lexer))
			return false;
		if (address_lexer_peek(lexer) != '.')
			break;
		strbuf_addch(out, '.');
		lexer->end = ++lexer->at;
	}
	if (out->len > before && out->buf[out->len - 1] == '.')
		strbuf_setlen(out, out->len - 1);
	if (out->len == before)
		return address_lexer_fail(lexer, _("no domain after the \"@\" in the address \"%s\""));
	return true;
}
