/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where an encoded-word is allowed depends on the field (RFC 2047 section 5): anywhere in unstructured text, which
 * every unknown field is; as a word of a phrase; in a comment. It is not allowed in an addr-spec, a msg-id, a
 * quoted-string or a MIME parameter, for which there is RFC 2231.
 *
 * Trace fields (Received, Return-Path, DKIM-Signature, ARC, ...) and message identifiers are records of other hosts:
 * comments and phrases in them are encoded, and whatever else they contain stops no message.
 */
#include "header/header_encode.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "codec/line_limits.h"
#include "header/header_scan.h"
#include "header/header_tokens.h"

#define SHOWN_MAX 60

enum grammar {
	GRAMMAR_TEXT,	    /* unstructured */
	GRAMMAR_ADDRESSES,  /* address-list */
	GRAMMAR_TRACE,	    /* the same, of other hosts */
	GRAMMAR_PHRASES,    /* phrase *("," phrase) */
	GRAMMAR_REFERENCES, /* *(phrase / msg-id): section 4.5.4 of RFC 5322 */
	GRAMMAR_COMMENTS,   /* any grammar, all ASCII except for comments */
	GRAMMAR_URLS,	    /* "<" URL ">" and comments: RFC 2369 */
	GRAMMAR_PARAMETERS, /* value *(";" parameter): RFC 2045 section 5.1, RFC 2183 */
	GRAMMAR_ASCII	    /* all ASCII */
};

/* All other fields are unstructured text. A name that ends in "-" stands for all names that begin with it. The first
 * row that matches applies. */
static const struct {
	const char *name;
	enum grammar grammar;
} fields[] = {
	{"From", GRAMMAR_ADDRESSES},
	{"Sender", GRAMMAR_ADDRESSES},
	{"Reply-To", GRAMMAR_ADDRESSES},
	{"To", GRAMMAR_ADDRESSES},
	{"Cc", GRAMMAR_ADDRESSES},
	{"Bcc", GRAMMAR_ADDRESSES},
	{"Resent-From", GRAMMAR_ADDRESSES},
	{"Resent-Sender", GRAMMAR_ADDRESSES},
	{"Resent-Reply-To", GRAMMAR_ADDRESSES},
	{"Resent-To", GRAMMAR_ADDRESSES},
	{"Resent-Cc", GRAMMAR_ADDRESSES},
	{"Resent-Bcc", GRAMMAR_ADDRESSES},
	{"Apparently-To", GRAMMAR_ADDRESSES},
	{"Approved", GRAMMAR_ADDRESSES},
	{"Delivered-To", GRAMMAR_TRACE},
	{"Disposition-Notification-To", GRAMMAR_ADDRESSES},
	{"Errors-To", GRAMMAR_ADDRESSES},
	{"List-ID", GRAMMAR_REFERENCES}, /* [phrase] "<" list-id ">": RFC 2919 */
	{"Mail-Followup-To", GRAMMAR_ADDRESSES},
	{"Mail-Reply-To", GRAMMAR_ADDRESSES},
	{"Return-Path", GRAMMAR_TRACE},
	{"Return-Receipt-To", GRAMMAR_ADDRESSES},
	{"Keywords", GRAMMAR_PHRASES},
	{"In-Reply-To", GRAMMAR_REFERENCES},
	{"References", GRAMMAR_REFERENCES},
	{"Content-Type", GRAMMAR_PARAMETERS},
	{"Content-Disposition", GRAMMAR_PARAMETERS},
	{"Accept-Language", GRAMMAR_COMMENTS},
	{"ARC-Authentication-Results", GRAMMAR_COMMENTS},
	{"Authentication-Results", GRAMMAR_COMMENTS},
	{"Auto-Submitted", GRAMMAR_COMMENTS},
	{"Content-ID", GRAMMAR_COMMENTS},
	{"Content-Language", GRAMMAR_COMMENTS},
	{"Content-MD5", GRAMMAR_COMMENTS},
	{"Content-Transfer-Encoding", GRAMMAR_COMMENTS},
	{"Date", GRAMMAR_COMMENTS},
	{"Final-Recipient", GRAMMAR_COMMENTS},
	{"List-", GRAMMAR_URLS},
	{"MIME-Version", GRAMMAR_COMMENTS},
	{"Message-ID", GRAMMAR_COMMENTS},
	{"Original-Recipient", GRAMMAR_COMMENTS},
	{"Received", GRAMMAR_COMMENTS},
	{"Received-SPF", GRAMMAR_COMMENTS},
	{"Resent-Date", GRAMMAR_COMMENTS},
	{"Resent-Message-ID", GRAMMAR_COMMENTS},
	{"ARC-", GRAMMAR_ASCII},
	{"Autocrypt", GRAMMAR_ASCII},
	{"DKIM-Signature", GRAMMAR_ASCII},
	{"DomainKey-Signature", GRAMMAR_ASCII},
};

static enum grammar grammar_of(struct span name)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *known = fields[i].name;
		bool prefix = known[strlen(known) - 1] == '-';
		if (prefix ? span_starts_nocase(name, known) : span_equals_str_nocase(name, known))
			return fields[i].grammar;
	}
	return GRAMMAR_TEXT;
}

/* ---- the grammars -------------------------------------------------------------- */

static void add_text(struct header_pieces *pieces, struct span value)
{
	size_t i = 0, from;
	while (i < value.len) {
		for (from = i; i < value.len && (ascii_isblank(value.ptr[i]) || value.ptr[i] == '\n');)
			i++;
		header_pieces_add_space(pieces, span_sub(value, from, i));
		for (from = i; i < value.len && !ascii_isblank(value.ptr[i]) && value.ptr[i] != '\n';)
			i++;
		if (i > from)
			header_pieces_add_word(pieces, FORM_PLAIN, span_sub(value, from, i));
	}
}

/* One mailbox, or the name of a group: a range of tokens. */
struct element {
	size_t end;	 /* the token after it: "," ";" ":" or the end of the field */
	size_t name_end; /* the end of its phrase; for the name of a group, and without an address: end */
};

static bool is_gap(const struct token *token)
{
	return token->kind == TOKEN_SPACE || token->kind == TOKEN_COMMENT;
}

/* The beginning of the local part before the "@" at index at: words that touch. */
static size_t local_from(const struct header_tokens *tokens, size_t from, size_t at)
{
	while (at > from && is_gap(&tokens->v[at - 1]))
		at--;
	while (at > from && (tokens->v[at - 1].kind == TOKEN_ATOM || tokens->v[at - 1].kind == TOKEN_QUOTED))
		at--;
	return at;
}

/* Whether a "<" comes before the next "," or the end: then the "," at index comma is part of a name that should be in
 * quotes, unless what is before it is an address. */
static bool is_in_name(const struct header_tokens *tokens, size_t comma)
{
	for (size_t i = comma + 1; i < tokens->n; i++) {
		if (token_is(&tokens->v[i], '<'))
			return true;
		if (tokens->v[i].kind == TOKEN_SPECIAL)
			return false;
	}
	return false;
}

static struct element element_from(const struct header_tokens *tokens, size_t from)
{
	struct element e = {.end = from};
	size_t angle = SIZE_MAX, at = SIZE_MAX;
	bool inside = false;
	for (; e.end < tokens->n; e.end++) {
		const struct token *token = &tokens->v[e.end];
		if (token_is(token, '@') && at == SIZE_MAX) {
			at = e.end;
		} else if (token_is(token, '<') && !inside) {
			inside = true;
			angle = angle < e.end ? angle : e.end;
		} else if (token_is(token, '>')) {
			inside = false;
		} else if (!inside && token_is(token, ',')) {
			if (angle != SIZE_MAX || at != SIZE_MAX || !is_in_name(tokens, e.end))
				break;
		} else if (!inside && (token_is(token, ';') || token_is(token, ':'))) {
			break;
		}
	}
	bool group = e.end < tokens->n && token_is(&tokens->v[e.end], ':');
	e.name_end = group || (angle == SIZE_MAX && at == SIZE_MAX) ? e.end
		     : angle != SIZE_MAX			    ? angle
								    : local_from(tokens, from, at);
	return e;
}

static bool refuse(struct span name, bool domain, struct span what, struct error *err)
{
	AUTO_FREE char *field = clean_text(name, SHOWN_MAX);
	AUTO_FREE char *shown = clean_text(span_trim(what), SHOWN_MAX);
	(void)error_set(err, ERROR_MESSAGE,
			domain ? _("the field %s contains an address whose domain is not ASCII (%s)")
			       : _("the field %s contains an address whose local part is not ASCII (%s)"),
			field, shown);
	error_hint(err, "%s",
		   domain ? _("Write the domain in its ASCII form (xn--...), or send the message through a server "
			      "that offers SMTPUTF8.")
			  : _("Use an address in ASCII instead, or send the message through a server that offers "
			      "SMTPUTF8."));
	return false;
}

static bool add_domain(const struct header_target *to, const struct token *token)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	if (!to->how->domain_to_ascii || token->kind != TOKEN_ATOM || !utf8_valid(token->text))
		return false;
	AUTO_FREE char *ascii = to->how->domain_to_ascii(token->text, &err);
	if (!ascii)
		return false;
	strbuf_adds(&text, ascii);
	header_pieces_add_made(to->pieces, to->pieces->space, &text);
	return true;
}

/* Adds a token of an address, or what follows it. An octet above 127 that is not UTF-8 is no reason to refuse the
 * field where it may stay: SMTPUTF8 does not allow it, either. */
static bool add_to_address(const struct header_target *to, const struct token *token, bool domain, bool trace,
			   struct error *err)
{
	bool high = !is_gap(token) && !utf8_is_ascii(token->text);
	if (high && domain && add_domain(to, token))
		return true;
	if (high && !trace && !(to->how->eightbit && !utf8_valid(token->text)))
		return refuse(to->name, domain, token->text, err);
	header_tokens_add_fixed(to, token);
	return true;
}

static bool add_addresses(const struct header_target *to, const struct header_tokens *tokens, bool trace,
			  struct error *err)
{
	for (size_t i = 0; i < tokens->n;) {
		struct element e = element_from(tokens, i);
		enum { LOCAL, DOMAIN, IN_DOMAIN, AFTER } place = LOCAL;
		for (; i < e.name_end; i++)
			header_tokens_add_phrase(to, &tokens->v[i]);
		for (; i < tokens->n && i <= e.end; i++) {
			const struct token *token = &tokens->v[i];
			bool word = !is_gap(token) && token->kind != TOKEN_SPECIAL;
			if (place == AFTER && word)
				header_tokens_add_phrase(to, token);
			else if (!add_to_address(to, token, place == DOMAIN || place == IN_DOMAIN, trace, err))
				return false;
			if (token_is(token, '@'))
				place = DOMAIN;
			else if (place == DOMAIN && word)
				place = IN_DOMAIN;
			else if (token_is(token, '>') || (place == IN_DOMAIN && is_gap(token)))
				place = AFTER;
			else if (token_is(token, ':') || token_is(token, ',')) /* of an obsolete route */
				place = LOCAL;
		}
	}
	return true;
}

/* Adds phrases and, unless they are keywords, other text in angle brackets. */
static void add_phrases(const struct header_target *to, const struct header_tokens *tokens, bool keywords)
{
	bool angle = false;
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *token = &tokens->v[i];
		angle = angle || (!keywords && token_is(token, '<'));
		if (!angle && !token_is(token, ','))
			header_tokens_add_phrase(to, token);
		else
			header_tokens_add_fixed(to, token);
		angle = angle && !token_is(token, '>');
	}
}

static void add_fixed(const struct header_target *to, const struct header_tokens *tokens, bool urls)
{
	for (size_t i = 0; i < tokens->n; i++)
		(urls ? header_tokens_add_url : header_tokens_add_fixed)(to, &tokens->v[i]);
}

/* What became of a field. */
enum verdict {
	FIELD_ENCODED,
	FIELD_GIVEN_UP, /* it cannot be parsed, or has no place for encoded text */
	FIELD_REFUSED
};

/* Quotes or parentheses that do not end may have swallowed the addresses: the words are encoded one by one. */
static enum verdict add_malformed(const struct header_target *to, enum grammar grammar, struct span value,
				  struct error *err)
{
	if (grammar != GRAMMAR_ADDRESSES && grammar != GRAMMAR_TRACE && grammar != GRAMMAR_PHRASES)
		return FIELD_GIVEN_UP;
	struct span rest = value;
	for (struct span word; grammar == GRAMMAR_ADDRESSES && (word = span_word(&rest)).len;) {
		const char *at = memrchr(word.ptr, '@', word.len);
		struct span local = span_make(word.ptr, at ? (size_t)(at - word.ptr) : 0);
		if (!utf8_is_ascii(local) && !(to->how->eightbit && !utf8_valid(local))) {
			(void)refuse(to->name, false, word, err);
			return FIELD_REFUSED;
		}
	}
	add_text(to->pieces, value);
	return FIELD_ENCODED;
}

static enum verdict add_value(const struct header_target *to, struct span value, struct error *err)
{
	AUTO(header_tokens) tokens = HEADER_TOKENS_INIT;
	enum grammar grammar = grammar_of(to->name);
	if (grammar == GRAMMAR_TEXT) {
		to->pieces->place = ENCODED_WORD_TEXT;
		add_text(to->pieces, value);
		return FIELD_ENCODED;
	}
	if (grammar == GRAMMAR_PARAMETERS)
		return header_parameters_add(to, value) ? FIELD_ENCODED : FIELD_GIVEN_UP;
	if (grammar == GRAMMAR_ASCII)
		return FIELD_GIVEN_UP;
	if (!header_tokens_scan(value, "()<>,;:@\"[]", &tokens))
		return add_malformed(to, grammar, value, err);
	if (grammar == GRAMMAR_COMMENTS || grammar == GRAMMAR_URLS)
		add_fixed(to, &tokens, grammar == GRAMMAR_URLS);
	else if (grammar != GRAMMAR_ADDRESSES && grammar != GRAMMAR_TRACE)
		add_phrases(to, &tokens, grammar == GRAMMAR_PHRASES);
	else if (!add_addresses(to, &tokens, grammar == GRAMMAR_TRACE, err))
		return FIELD_REFUSED;
	return FIELD_ENCODED;
}

/* ---- fields ---------------------------------------------------------------------- */

static const char *line_end_of(struct span raw)
{
	const char *lf = memchr(raw.ptr, '\n', raw.len);
	return lf && (lf == raw.ptr || lf[-1] != '\r') ? "\n" : "\r\n";
}

/* Copies a field without CRs, which mean nothing in a header, and without the LFs that are not folds. */
static void flatten(struct span raw, struct strbuf *flat)
{
	for (size_t i = 0; i < raw.len; i++) {
		char c = raw.ptr[i];
		if (c == '\n' && !(i + 1 < raw.len && ascii_isblank(raw.ptr[i + 1])))
			continue;
		if (c != '\r')
			strbuf_addch(flat, c);
	}
}

static bool lines_fit(struct span field)
{
	for (struct span rest = field, line; span_split(&rest, '\n', &line);)
		if (line.len > LINE_LIMIT + (line.len && line.ptr[line.len - 1] == '\r' ? 1u : 0u))
			return false;
	return true;
}

static enum verdict encode_value(struct header_target *to, struct span head, struct span value, const char *eol,
				 struct strbuf *out, struct error *err)
{
	AUTO(header_pieces) pieces = HEADER_PIECES_INIT(ENCODED_WORD_PHRASE);
	to->pieces = &pieces;
	enum verdict verdict = add_value(to, value, err);
	if (verdict == FIELD_ENCODED)
		header_pieces_write(&pieces, head, eol, out);
	return verdict;
}

/* Where lines are too long, the field is encoded once more, with spaces at which they can end. It is given up if it
 * only became too long by being encoded. */
static enum verdict encode_flat(struct span flat, const struct header_encoding *how, const char *eol,
				struct strbuf *out, struct error *err)
{
	AUTO(strbuf) done = STRBUF_INIT;
	const char *colon = memchr(flat.ptr, ':', flat.len);

	if (!colon)
		return FIELD_GIVEN_UP;
	struct span head = span_make(flat.ptr, (size_t)(colon - flat.ptr) + 1);
	struct header_target to = {.how = how, .name = span_trim(span_sub(head, 0, head.len - 1))};
	struct span value = span_sub(flat, head.len, flat.len);
	enum verdict verdict = encode_value(&to, head, value, eol, &done, err);
	if (verdict == FIELD_ENCODED && !lines_fit(strbuf_span(&done))) {
		to.spaced = true;
		strbuf_reset(&done);
		verdict = encode_value(&to, head, value, eol, &done, err);
	}
	if (verdict == FIELD_ENCODED && !lines_fit(strbuf_span(&done)) && lines_fit(flat))
		return FIELD_GIVEN_UP;
	if (verdict == FIELD_ENCODED)
		strbuf_add_span(out, strbuf_span(&done));
	return verdict;
}

bool header_encode_long_field(struct span raw, const struct header_encoding *how, struct strbuf *out, struct error *err)
{
	AUTO(strbuf) flat = STRBUF_INIT;
	enum verdict verdict = FIELD_GIVEN_UP;
	if (raw.len <= HEADER_ENCODE_FIELD_MAX && header_line_is_field(raw)) {
		flatten(raw, &flat);
		verdict = encode_flat(strbuf_span(&flat), how, line_end_of(raw), out, err);
	}
	if (verdict == FIELD_GIVEN_UP)
		header_add_unencoded(raw, how, out);
	else if (verdict == FIELD_ENCODED && raw.ptr[raw.len - 1] == '\n')
		strbuf_adds(out, line_end_of(raw));
	return verdict != FIELD_REFUSED;
}

bool header_encode_field(struct span raw, const struct header_encoding *how, struct strbuf *out, struct error *err)
{
	if (!utf8_is_ascii(raw))
		return header_encode_long_field(raw, how, out, err);
	strbuf_add_span(out, raw);
	return true;
}

bool header_encode_block(struct span header, const struct header_encoding *how, bool *changed, struct strbuf *out,
			 struct error *err)
{
	AUTO(header_list) list = HEADER_LIST_INIT;
	size_t before = out->len, done = 0;
	bool any = false;

	header_scan(header, &list);
	for (size_t i = 0; i < list.n; i++) {
		if (!header_encode_field(list.fields[i].raw, how, out, err)) {
			strbuf_setlen(out, before);
			return false;
		}
		any = any || !utf8_is_ascii(list.fields[i].raw);
		done += list.fields[i].raw.len;
	}
	strbuf_add_span(out, span_sub(header, done, header.len));
	*changed = any;
	return true;
}

bool header_needs_utf8(struct span header, const struct header_encoding *how)
{
	AUTO(header_list) list = HEADER_LIST_INIT;
	bool needs = false;
	if (utf8_is_ascii(header))
		return false;
	header_scan(header, &list);
	for (size_t i = 0; i < list.n && !needs; i++) {
		AUTO(strbuf) scratch = STRBUF_INIT;
		struct span raw = list.fields[i].raw;
		needs = utf8_valid(raw) && !header_encode_field(raw, how, &scratch, NULL);
	}
	return needs;
}
