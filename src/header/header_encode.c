/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where an encoded-word is allowed depends on the field (RFC 2047 section 5): anywhere in unstructured text, which
 * every unknown field is; as a word of a phrase; in a comment. It is not allowed in an addr-spec, a msg-id, a
 * quoted-string or a MIME parameter, for which there is RFC 2231.
 *
 * Trace fields (Received, Return-Path, DKIM-Signature, ARC, ...) are records of other hosts. RFC 6532 allows UTF-8 in
 * them; RFC 6857 section 3.2 encodes their comments and removes the rest when a mailbox is read. A record that was
 * altered or has gaps is worthless, so comments are encoded and anything else is refused; a user who resends such a
 * message can leave the field out. Signatures have no comments and are always refused.
 */
#include "header/header_encode.h"

#include "base/utf8.h"
#include "codec/line_limits.h"
#include "header/header_scan.h"
#include "header/header_tokens.h"

enum grammar {
	GRAMMAR_TEXT,	    /* unstructured */
	GRAMMAR_ADDRESSES,  /* address-list; also phrase "<" anything ">" */
	GRAMMAR_PHRASES,    /* phrase *("," phrase) */
	GRAMMAR_REFERENCES, /* *(phrase / msg-id): section 4.5.4 of RFC 5322 */
	GRAMMAR_COMMENTS,   /* any grammar, all ASCII except for comments */
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
	{"Delivered-To", GRAMMAR_ADDRESSES},
	{"Disposition-Notification-To", GRAMMAR_ADDRESSES},
	{"Errors-To", GRAMMAR_ADDRESSES},
	{"List-ID", GRAMMAR_ADDRESSES}, /* [phrase] "<" list-id ">": RFC 2919 */
	{"Mail-Followup-To", GRAMMAR_ADDRESSES},
	{"Mail-Reply-To", GRAMMAR_ADDRESSES},
	{"Return-Path", GRAMMAR_ADDRESSES},
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
	{"List-", GRAMMAR_COMMENTS}, /* "<" URL ">" and comments: RFC 2369 */
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
	size_t name_end; /* the end of its phrase; for the name of a group: end; without a phrase: its beginning */
	bool address;	 /* it contains "@" or "<" */
};

static struct element element_from(const struct header_tokens *tokens, size_t from)
{
	struct element e = {.end = from, .name_end = from, .address = false};
	bool angle = false;
	for (; e.end < tokens->n; e.end++) {
		const struct token *token = &tokens->v[e.end];
		e.address = e.address || token_is(token, '@') || token_is(token, '<');
		if (token_is(token, '<') && !angle) {
			angle = true;
			e.name_end = e.end;
		} else if (token_is(token, '>')) {
			angle = false;
		} else if (!angle && (token_is(token, ',') || token_is(token, ';') || token_is(token, ':'))) {
			break;
		}
	}
	if (e.end < tokens->n && token_is(&tokens->v[e.end], ':'))
		e.name_end = e.end;
	return e;
}

static bool add_addresses(struct header_pieces *pieces, struct span name, const struct header_tokens *tokens,
			  struct error *err)
{
	for (size_t i = 0; i < tokens->n;) {
		struct element e = element_from(tokens, i);
		enum header_refusal why = e.address ? REFUSAL_LOCAL : REFUSAL_NAME;
		for (; i < e.name_end; i++)
			header_tokens_add_phrase(pieces, &tokens->v[i]);
		for (; i < tokens->n && i <= e.end; i++) {
			if (!header_tokens_add_fixed(pieces, &tokens->v[i], why, name, err))
				return false;
			if (token_is(&tokens->v[i], '@'))
				why = REFUSAL_DOMAIN;
			else if (token_is(&tokens->v[i], '>'))
				why = REFUSAL_PLACE;
		}
	}
	return true;
}

/* Adds phrases and, unless they are keywords, other text in angle brackets. */
static bool add_phrases(struct header_pieces *pieces, struct span name, const struct header_tokens *tokens,
			bool keywords, struct error *err)
{
	bool angle = false;
	for (size_t i = 0; i < tokens->n; i++) {
		const struct token *token = &tokens->v[i];
		angle = angle || (!keywords && token_is(token, '<'));
		if (!angle && !token_is(token, ','))
			header_tokens_add_phrase(pieces, token);
		else if (!header_tokens_add_fixed(pieces, token, REFUSAL_PLACE, name, err))
			return false;
		angle = angle && !token_is(token, '>');
	}
	return true;
}

static bool add_fixed(struct header_pieces *pieces, struct span name, const struct header_tokens *tokens,
		      struct error *err)
{
	for (size_t i = 0; i < tokens->n; i++)
		if (!header_tokens_add_fixed(pieces, &tokens->v[i], REFUSAL_PLACE, name, err))
			return false;
	return true;
}

static bool add_value(struct header_pieces *pieces, struct span name, struct span value, struct error *err)
{
	AUTO(header_tokens) tokens = HEADER_TOKENS_INIT;
	enum grammar grammar = grammar_of(name);
	switch (grammar) {
	case GRAMMAR_TEXT:
		pieces->place = ENCODED_WORD_TEXT;
		add_text(pieces, value);
		return true;
	case GRAMMAR_PARAMETERS: return header_parameters_add(pieces, name, value, err);
	case GRAMMAR_ASCII: return header_refuse(err, REFUSAL_PLACE, name, value);
	default: break;
	}
	if (!header_tokens_scan(value, "()<>,;:@\"[]", &tokens))
		return header_refuse(err, REFUSAL_SYNTAX, name, value);
	if (grammar == GRAMMAR_ADDRESSES)
		return add_addresses(pieces, name, &tokens, err);
	if (grammar == GRAMMAR_COMMENTS)
		return add_fixed(pieces, name, &tokens, err);
	return add_phrases(pieces, name, &tokens, grammar == GRAMMAR_PHRASES, err);
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

static bool encode_flat(struct span flat, const char *eol, struct strbuf *out, struct error *err)
{
	AUTO(header_pieces) pieces = HEADER_PIECES_INIT(ENCODED_WORD_PHRASE);
	AUTO(strbuf) done = STRBUF_INIT;
	const char *colon = memchr(flat.ptr, ':', flat.len);

	if (!header_line_is_field(flat) || !colon)
		return header_refuse(err, REFUSAL_PLACE, flat, flat);
	struct span head = span_make(flat.ptr, (size_t)(colon - flat.ptr) + 1);
	struct span name = span_trim(span_sub(head, 0, head.len - 1));
	struct span value = span_sub(flat, head.len, flat.len);
	if (!utf8_valid(value))
		return header_refuse(err, REFUSAL_UTF8, name, value);
	if (!add_value(&pieces, name, value, err))
		return false;
	header_pieces_write(&pieces, head, eol, &done);
	if (!lines_fit(strbuf_span(&done)))
		return header_refuse(err, REFUSAL_LONG, name, value);
	strbuf_add_span(out, strbuf_span(&done));
	return true;
}

static struct span name_of(struct span raw)
{
	const char *colon = memchr(raw.ptr, ':', raw.len);
	return span_make(raw.ptr, colon ? (size_t)(colon - raw.ptr) : 0);
}

bool header_encode_field(struct span raw, struct strbuf *out, struct error *err)
{
	AUTO(strbuf) flat = STRBUF_INIT;
	if (utf8_is_ascii(raw)) {
		strbuf_add_span(out, raw);
		return true;
	}
	if (raw.len > HEADER_ENCODE_FIELD_MAX)
		return header_refuse(err, REFUSAL_SIZE, name_of(raw), raw);
	flatten(raw, &flat);
	if (!encode_flat(strbuf_span(&flat), line_end_of(raw), out, err))
		return false;
	if (raw.ptr[raw.len - 1] == '\n')
		strbuf_adds(out, line_end_of(raw));
	return true;
}

bool header_encode_block(struct span header, bool *changed, struct strbuf *out, struct error *err)
{
	AUTO(header_list) list = HEADER_LIST_INIT;
	size_t before = out->len, done = 0;
	bool any = false;

	header_scan(header, &list);
	for (size_t i = 0; i < list.n; i++) {
		if (!header_encode_field(list.fields[i].raw, out, err)) {
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
