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
 * Whether words are a display name or a local part is known only at the "<", "@", ":" or "," after them, so they are
 * collected as both until then.
 */
#include "address/address.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "address/address_lexer.h"

struct parser {
	struct address_lexer lexer;
	size_t first;			   /* where the first token of the address begins */
	size_t addr_from;		   /* where the address proper begins, in angle brackets or without them */
	struct strbuf name, local, domain; /* of the current address */
	bool words;			   /* a word was read */
	bool after_word;		   /* the last token was a word, not a dot */
	bool phrase_only; /* cannot be a local part: two words without a dot between them, or a bracket */
	bool has_domain;
	bool begun; /* the first token was read */
	bool done;  /* an address in angle brackets or a group is complete: only "," may follow */
	bool in_group;
	size_t group_first; /* the length of the list when the group began */
};

static bool fail(const struct parser *p, const char *fmt)
{
	return address_lexer_fail(&p->lexer, fmt);
}

static int peek(const struct parser *p)
{
	return address_lexer_peek(&p->lexer);
}

static bool skip_space(struct parser *p)
{
	return address_lexer_skip_space(&p->lexer);
}

/* ---- words: display name and local part at once ---- */

/* Words of a name have a space between them where there was white space. */
static void name_gap(struct parser *p)
{
	if (p->lexer.space && p->name.len)
		strbuf_addch(&p->name, ' ');
	p->lexer.space = false;
}

static void add_word(struct parser *p, struct span word)
{
	name_gap(p);
	if (p->after_word)
		p->phrase_only = true;
	p->words = p->after_word = true;
	p->lexer.end = p->lexer.at;
	strbuf_add_span(&p->name, word);
	strbuf_add_span(&p->local, word);
}

static bool add_quoted(struct parser *p)
{
	AUTO(strbuf) word = STRBUF_INIT;
	if (!address_lexer_take_quoted(&p->lexer, &word))
		return false;
	add_word(p, strbuf_span(&word));
	return true;
}

static void add_special(struct parser *p, char c)
{
	name_gap(p);
	strbuf_addch(&p->name, c);
	p->lexer.end = ++p->lexer.at;
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
	p->words = p->after_word = p->phrase_only = p->has_domain = p->begun = p->done = false;
	p->lexer.space = false;
	p->lexer.start = p->lexer.at;
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

/* Control characters become spaces. */
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
		if (!address_check(strbuf_span(&addr), false, p->lexer.err))
			return false;
	}
	GROW(list->v, list->n, list->cap);
	/* In angle brackets p->lexer.at is at the ">". */
	list->v[list->n++] = (struct mailbox){
		.name = name ? clean_name(name) : NULL,
		.addr = strbuf_detach(&addr, NULL),
		.from = p->first,
		.to = name ? p->lexer.at + 1 : p->lexer.end,
		.addr_from = name ? p->addr_from : p->first,
		.addr_to = p->lexer.end,
	};
	return true;
}

/* ---- angle brackets ---- */

/* "@a,@b:" is read and ignored, as RFC 5321 section 3.6.1 tells relays to do. */
static bool skip_route(struct parser *p)
{
	AUTO(strbuf) ignored = STRBUF_INIT;
	while (peek(p) == '@' || peek(p) == ',') {
		bool domain = peek(p) == '@';
		p->lexer.at++;
		if (domain && !address_lexer_take_domain(&p->lexer, &ignored))
			return false;
		if (!skip_space(p))
			return false;
	}
	if (peek(p) != ':')
		return fail(p, _("the \":\" after a source route is missing in the address \"%s\""));
	p->lexer.at++;
	if (!skip_space(p))
		return false;
	p->addr_from = p->lexer.at;
	return true;
}

static bool take_local(struct parser *p)
{
	for (;;) {
		if (!skip_space(p))
			return false;
		int c = peek(p);
		if (c == '"') {
			if (!add_quoted(p))
				return false;
		} else if (c == '.') {
			add_special(p, '.');
		} else {
			struct span atom = address_lexer_take_atom(&p->lexer);
			if (!atom.len)
				return true;
			add_word(p, atom);
		}
	}
}

/* Takes all from "<" to ">". */
static bool take_angle(struct parser *p, struct mailbox_list *list)
{
	AUTO(strbuf) name = p->name;
	strbuf_init(&p->name);
	strbuf_reset(&p->local);
	strbuf_reset(&p->domain);
	p->words = p->after_word = p->phrase_only = false;

	p->lexer.at++;
	if (!skip_space(p))
		return false;
	bool null = peek(p) == '>';
	p->addr_from = p->lexer.end = p->lexer.at;
	if ((peek(p) == '@' && !skip_route(p)) || !take_local(p))
		return false;
	if (peek(p) == '@') {
		p->lexer.at++;
		if (!address_lexer_take_domain(&p->lexer, &p->domain) || !skip_space(p))
			return false;
	}
	if (peek(p) != '>')
		return fail(p, peek(p) >= 0 ? _("unexpected text between \"<\" and \">\" in the address \"%s\"")
					    : _("the \">\" is missing in the address \"%s\""));
	if (!emit(p, list, &name, null))
		return false;
	p->lexer.at++;
	p->done = true;
	return true;
}

/* ---- the list ---- */

/* Called at ",", ";" and the end. */
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
	p->lexer.at++;
	p->has_domain = true;
	if (!address_lexer_take_domain(&p->lexer, &p->domain))
		return false;
	/* If a "<" follows, all this was the display name: "a@b.org <a@b.org>". */
	strbuf_addch(&p->name, '@');
	strbuf_add_span(&p->name, strbuf_span(&p->domain));
	return true;
}

static bool begin_group(struct parser *p, const struct mailbox_list *list)
{
	if (p->in_group)
		return fail(p, _("a group inside a group, near \"%s\""));
	if (p->has_domain)
		return fail(p, _("an unexpected \":\" in the address \"%s\""));
	p->lexer.at++;
	p->in_group = true;
	p->group_first = list->n;
	reset_address(p);
	return true;
}

static bool end_group(struct parser *p, struct mailbox_list *list)
{
	if (!p->in_group)
		return fail(p, _("a \";\" outside a group; use commas between addresses, near \"%s\""));
	p->lexer.at++;
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
	struct span atom = address_lexer_take_atom(&p->lexer);
	if (!atom.len)
		return fail(p, ascii_iscntrl((char)c) ? _("a control character in the address \"%s\"")
						      : _("a character that must be quoted in the address \"%s\""));
	add_word(p, atom);
	return true;
}

/* Takes the next token of the list. */
static bool take_token(struct parser *p, int c, struct mailbox_list *list)
{
	switch (c) {
	case ',': p->lexer.at++; return end_address(p, list);
	case ';': return end_group(p, list);
	default: break;
	}
	if (p->done)
		return fail(p, _("a comma is missing after the address \"%s\""));
	switch (c) {
	case '<': return take_angle(p, list);
	case '@': return take_at(p);
	case ':': return begin_group(p, list);
	default: return take_word(p, c);
	}
}

static bool parse_all(struct parser *p, struct mailbox_list *list)
{
	if (!address_lexer_check(&p->lexer))
		return false;
	for (;;) {
		if (!skip_space(p))
			return false;
		int c = peek(p);
		if (c < 0)
			break;
		if (!p->begun)
			p->first = p->lexer.at;
		p->begun = true;
		if (!take_token(p, c, list))
			return false;
	}
	if (!end_address(p, list))
		return false;
	/* "undisclosed-recipients:" is often left open, but a group with members never is. */
	p->lexer.start = 0;
	if (p->in_group && list->n > p->group_first)
		return fail(p, _("the \";\" of a group is missing in \"%s\""));
	return true;
}

bool address_list_parse(struct span text, struct mailbox_list *list, struct error *err)
{
	struct parser p = {.lexer = {.text = text, .err = err}};
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
