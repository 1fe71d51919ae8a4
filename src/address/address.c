/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	address-list = (address *("," address))		RFC 5322 section 3.4
 *	address      = mailbox / group
 *	mailbox      = [display-name] "<" [route] addr-spec ">" / addr-spec
 *	group        = display-name ":" [mailbox-list] ";"
 *	route        = "@" domain *("," "@" domain) ":"	section 4.4
 *	addr-spec    = local-part ["@" domain]		(a local name alone: ours)
 *	local-part   = word *("." word)			section 4.4
 *	domain       = atom *("." atom) / "[" dtext "]"
 *
 * What stands before "<", "@", ":" or "," shows its nature only there, so words
 * are collected both as a display name and as a local part until then.
 */
#include "address/address.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#define QUOTE_MAX 60 /* so much of the text is quoted in an error */

struct parser {
	struct span text;
	size_t at;
	size_t start;	  /* where the current address began, for errors */
	size_t first;	  /* its first token */
	size_t addr_from; /* the first token of the address itself */
	size_t end;	  /* behind the last token of the address */
	struct error *err;
	struct strbuf name, local, domain; /* of the current address */
	bool space;			   /* blanks or comments came before the next word */
	bool words;			   /* a word was seen */
	bool after_word;		   /* the last token was a word, not a dot */
	bool phrase_only; /* cannot be a local part: two words without a dot between them, or a bracket */
	bool has_domain;
	bool begun; /* its first token was seen */
	bool done;  /* addr-spec in angle brackets, or group: only "," may follow */
	bool in_group;
	size_t group_first; /* the list's length when the group began */
};

/* fmt has one %s, for the place. */
static bool fail(struct parser *p, const char *fmt)
{
	struct span near = span_sub(p->text, p->start, p->text.len);
	size_t max = near.len < QUOTE_MAX * 2 ? near.len : QUOTE_MAX * 2;
	AUTO_FREE char *place = clean_text(span_sub(near, 0, max), QUOTE_MAX);
	return error_set(p->err, ERROR_ADDRESS, fmt, place);
}

/* CR LF only as folding; no NUL at all.  Checked first, so the rest may skip them as blanks. */
static bool check_line_ends(struct parser *p)
{
	struct span text = p->text;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '\r' && text.len - i > 2 && text.ptr[i + 1] == '\n' && ascii_isblank(text.ptr[i + 2]))
			i += 2;
		else if (c == '\r' || c == '\n' || c == '\0')
			return fail(p, _("a line end or NUL inside the address \"%s\""));
	}
	return true;
}

static int peek(const struct parser *p)
{
	return p->at < p->text.len ? (unsigned char)p->text.ptr[p->at] : -1;
}

/* ---- the pieces: each begins at its first octet and ends behind its last ---- */

static bool skip_comment(struct parser *p)
{
	size_t depth = 0;
	for (; p->at < p->text.len; p->at++) {
		char c = p->text.ptr[p->at];
		if (c == '\\')
			p->at++;
		else if (c == '(')
			depth++;
		else if (c == ')' && --depth == 0) {
			p->at++;
			return true;
		}
	}
	p->at = p->text.len;
	return fail(p, _("a comment without its \")\" in the address \"%s\""));
}

/* Blanks, folding and comments; sets p->space if there were any. */
static bool skip_blanks(struct parser *p)
{
	for (int c; (c = peek(p)) == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '(';) {
		p->space = true;
		if (c != '(')
			p->at++;
		else if (!skip_comment(p))
			return false;
	}
	return true;
}

/* Appends the content of a quoted-string, folding removed. */
static bool take_quoted(struct parser *p, struct strbuf *out)
{
	for (p->at++; p->at < p->text.len; p->at++) {
		char c = p->text.ptr[p->at];
		if (c == '"') {
			p->at++;
			return true;
		}
		if (c == '\r' || c == '\n')
			continue;
		if (c == '\\' && p->at + 1 < p->text.len)
			c = p->text.ptr[++p->at];
		strbuf_addch(out, c);
	}
	return fail(p, _("a quotation mark without its partner in the address \"%s\""));
}

static struct span take_atom(struct parser *p)
{
	size_t from = p->at;
	while (p->at < p->text.len && address_is_atext(p->text.ptr[p->at]))
		p->at++;
	return span_sub(p->text, from, p->at);
}

static bool take_literal(struct parser *p, struct strbuf *out)
{
	const char *close = memchr(p->text.ptr + p->at, ']', p->text.len - p->at);
	if (!close)
		return fail(p, _("a domain literal without its \"]\" in the address \"%s\""));
	size_t end = (size_t)(close - p->text.ptr) + 1;
	for (; p->at < end; p->at++)
		if (!strchr(" \t\r\n", p->text.ptr[p->at]))
			strbuf_addch(out, p->text.ptr[p->at]);
	p->end = p->at;
	return true;
}

/* Behind the "@".  One dot at the end is the root's and is dropped. */
static bool take_domain(struct parser *p, struct strbuf *out)
{
	size_t before = out->len;
	for (;;) {
		if (!skip_blanks(p))
			return false;
		int c = peek(p);
		if (c == '[' && out->len == before)
			return take_literal(p, out);
		struct span atom = take_atom(p);
		if (!atom.len)
			break;
		strbuf_add_span(out, atom);
		p->end = p->at;
		if (!skip_blanks(p))
			return false;
		if (peek(p) != '.')
			break;
		strbuf_addch(out, '.');
		p->end = ++p->at;
	}
	if (out->len > before && out->buf[out->len - 1] == '.')
		strbuf_setlen(out, out->len - 1);
	if (out->len == before)
		return fail(p, _("no domain behind the \"@\" in the address \"%s\""));
	return true;
}

/* ---- words: display name and local part at once ---- */

/* A blank goes between the words of a name where there was one, none before a dot. */
static void name_gap(struct parser *p)
{
	if (p->space && p->name.len)
		strbuf_addch(&p->name, ' ');
	p->space = false;
}

static void add_word(struct parser *p, struct span word)
{
	name_gap(p);
	if (p->after_word)
		p->phrase_only = true;
	p->words = p->after_word = true;
	p->end = p->at;
	strbuf_add_span(&p->name, word);
	strbuf_add_span(&p->local, word);
}

static bool add_quoted(struct parser *p)
{
	AUTO(strbuf) word = STRBUF_INIT;
	if (!take_quoted(p, &word))
		return false;
	add_word(p, strbuf_span(&word));
	return true;
}

static void add_special(struct parser *p, char c)
{
	name_gap(p);
	strbuf_addch(&p->name, c);
	p->end = ++p->at;
	if (c == '.')
		strbuf_addch(&p->local, c);
	else
		p->phrase_only = true;
	p->words = true;
	p->after_word = false;
}

static void reset_address(struct parser *p)
{
	strbuf_reset(&p->name);
	strbuf_reset(&p->local);
	strbuf_reset(&p->domain);
	p->space = p->words = p->after_word = p->phrase_only = p->has_domain = p->begun = p->done = false;
	p->start = p->at;
}

/* ---- what comes out ---- */

static bool is_dot_atom(struct span local)
{
	for (size_t i = 0; i < local.len; i++) {
		bool dot = local.ptr[i] == '.';
		if (dot ? i == 0 || i + 1 == local.len || local.ptr[i + 1] == '.' : !address_is_atext(local.ptr[i]))
			return false;
	}
	return local.len > 0;
}

static void join_address(struct strbuf *out, struct span local, struct span domain)
{
	if (is_dot_atom(local)) {
		strbuf_add_span(out, local);
	} else {
		strbuf_addch(out, '"');
		for (size_t i = 0; i < local.len; i++) {
			if (local.ptr[i] == '"' || local.ptr[i] == '\\')
				strbuf_addch(out, '\\');
			strbuf_addch(out, local.ptr[i]);
		}
		strbuf_addch(out, '"');
	}
	if (domain.len) {
		strbuf_addch(out, '@');
		strbuf_add_span(out, domain);
	}
}

/* Control characters in a name become blanks. */
static char *clean_name(const struct strbuf *name)
{
	if (!name->len)
		return NULL;
	char *copy = xmemdup0(name->buf, name->len);
	for (size_t i = 0; i < name->len; i++)
		if (ascii_iscntrl(copy[i]))
			copy[i] = ' ';
	return copy;
}

/* Appends the address made of p->local and p->domain, or the null address. */
static bool emit(struct parser *p, struct mailbox_list *list, const struct strbuf *name, bool null)
{
	AUTO(strbuf) addr = STRBUF_INIT;
	if (!null) {
		if (!p->words || !p->local.len)
			return fail(p, _("nothing before the \"@\" in the address \"%s\""));
		if (p->phrase_only)
			return fail(p, _("words without a comma or angle brackets in the address \"%s\""));
		join_address(&addr, strbuf_span(&p->local), strbuf_span(&p->domain));
		if (!address_check(strbuf_span(&addr), false, p->err))
			return false;
	}
	GROW(list->v, list->n, list->cap);
	/* In angle brackets p->at is at the ">". */
	list->v[list->n++] = (struct mailbox){
		.name = name ? clean_name(name) : NULL,
		.addr = strbuf_detach(&addr, NULL),
		.from = p->first,
		.to = name ? p->at + 1 : p->end,
		.addr_from = name ? p->addr_from : p->first,
		.addr_to = p->end,
	};
	return true;
}

/* ---- angle brackets ---- */

/* "@a,@b:" is read and forgotten: RFC 5321 section 3.6.1 has relays ignore it. */
static bool skip_route(struct parser *p)
{
	AUTO(strbuf) ignored = STRBUF_INIT;
	while (peek(p) == '@' || peek(p) == ',') {
		bool domain = peek(p) == '@';
		p->at++;
		if (domain && !take_domain(p, &ignored))
			return false;
		if (!skip_blanks(p))
			return false;
	}
	if (peek(p) != ':')
		return fail(p, _("a source route without its \":\" in the address \"%s\""));
	p->at++;
	if (!skip_blanks(p))
		return false;
	p->addr_from = p->at;
	return true;
}

static bool take_local(struct parser *p)
{
	for (;;) {
		if (!skip_blanks(p))
			return false;
		int c = peek(p);
		if (c == '"') {
			if (!add_quoted(p))
				return false;
		} else if (c == '.') {
			add_special(p, '.');
		} else {
			struct span atom = take_atom(p);
			if (!atom.len)
				return true;
			add_word(p, atom);
		}
	}
}

/* From "<" to ">". */
static bool take_angle(struct parser *p, struct mailbox_list *list)
{
	AUTO(strbuf) name = p->name;
	strbuf_init(&p->name);
	strbuf_reset(&p->local);
	strbuf_reset(&p->domain);
	p->words = p->after_word = p->phrase_only = false;

	p->at++;
	if (!skip_blanks(p))
		return false;
	bool null = peek(p) == '>';
	p->addr_from = p->end = p->at;
	if ((peek(p) == '@' && !skip_route(p)) || !take_local(p))
		return false;
	if (peek(p) == '@') {
		p->at++;
		if (!take_domain(p, &p->domain) || !skip_blanks(p))
			return false;
	}
	if (peek(p) != '>')
		return fail(p, p->at < p->text.len ? _("something that does not belong there between \"<\" and \">\" "
						       "in the address \"%s\"")
						   : _("a \"<\" without its \">\" in the address \"%s\""));
	if (!emit(p, list, &name, null))
		return false;
	p->at++;
	p->done = true;
	return true;
}

/* ---- the list ---- */

/* "," or ";" or the end. */
static bool end_address(struct parser *p, struct mailbox_list *list)
{
	if (!p->done && (p->words || p->has_domain) && !emit(p, list, NULL, false))
		return false;
	reset_address(p);
	return true;
}

static bool take_at(struct parser *p)
{
	if (p->has_domain)
		return fail(p, _("more than one \"@\" in the address \"%s\""));
	if (!p->words)
		return fail(p, _("nothing before the \"@\" in the address \"%s\""));
	p->at++;
	p->has_domain = true;
	if (!take_domain(p, &p->domain))
		return false;
	/* "a@b.org <a@b.org>": should a "<" follow, all this was the display name. */
	strbuf_addch(&p->name, '@');
	strbuf_add_span(&p->name, strbuf_span(&p->domain));
	return true;
}

static bool begin_group(struct parser *p, const struct mailbox_list *list)
{
	if (p->in_group)
		return fail(p, _("a group inside a group, near \"%s\""));
	if (p->has_domain)
		return fail(p, _("a \":\" that does not belong there in the address \"%s\""));
	p->at++;
	p->in_group = true;
	p->group_first = list->n;
	reset_address(p);
	return true;
}

static bool end_group(struct parser *p, struct mailbox_list *list)
{
	if (!p->in_group)
		return fail(p, _("a \";\" outside a group; use commas between addresses, near \"%s\""));
	p->at++;
	if (!end_address(p, list))
		return false;
	p->in_group = false;
	p->done = true;
	return true;
}

static bool take_word(struct parser *p, int c)
{
	if (p->has_domain)
		return fail(p, _("words without a comma or angle brackets in the address \"%s\""));
	if (c == '"')
		return add_quoted(p);
	if (c == '.' || c == '[' || c == ']') {
		add_special(p, (char)c);
		return true;
	}
	struct span atom = take_atom(p);
	if (!atom.len)
		return fail(p, ascii_iscntrl((char)c) ? _("a control character in the address \"%s\"")
						      : _("a character that must be quoted in the address \"%s\""));
	add_word(p, atom);
	return true;
}

/* The next token of the list; blanks are behind us. */
static bool take_token(struct parser *p, int c, struct mailbox_list *list)
{
	switch (c) {
	case ',': p->at++; return end_address(p, list);
	case ';': return end_group(p, list);
	default: break;
	}
	if (p->done)
		return fail(p, _("a comma is missing behind the address \"%s\""));
	switch (c) {
	case '<': return take_angle(p, list);
	case '@': return take_at(p);
	case ':': return begin_group(p, list);
	default: return take_word(p, c);
	}
}

static bool parse_all(struct parser *p, struct mailbox_list *list)
{
	if (!check_line_ends(p))
		return false;
	for (;;) {
		if (!skip_blanks(p))
			return false;
		int c = peek(p);
		if (c < 0)
			break;
		if (!p->begun)
			p->first = p->at;
		p->begun = true;
		if (!take_token(p, c, list))
			return false;
	}
	if (!end_address(p, list))
		return false;
	/* "undisclosed-recipients:" is often left open; a group with members never. */
	p->start = 0;
	if (p->in_group && list->n > p->group_first)
		return fail(p, _("a group without its \";\" in \"%s\""));
	return true;
}

bool address_list_parse(struct span text, struct mailbox_list *list, struct error *err)
{
	struct parser p = {.text = text, .err = err};
	strbuf_init(&p.name);
	strbuf_init(&p.local);
	strbuf_init(&p.domain);
	bool ok = parse_all(&p, list);
	strbuf_release(&p.name);
	strbuf_release(&p.local);
	strbuf_release(&p.domain);
	return ok;
}

void mailbox_list_release(struct mailbox_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].name);
		free(list->v[i].addr);
	}
	free(list->v);
	*list = MAILBOX_LIST_INIT;
}
