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

#include "address/address_lexer.h"
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <stdint.h>

#define ENTRY_MAX 200	 /* octets of an entry that cannot be understood */
#define UNCLOSED_MAX 100 /* after this many the rest of the text is one entry */

struct parser {
	struct address_lexer lexer;
	size_t first;			   /* where the first token of the address begins */
	size_t addr_from;		   /* where the address proper begins, in angle brackets or without them */
	struct strbuf name, local, domain; /* of the current address */
	bool words;			   /* a word was read */
	bool after_word;		   /* the last token was a word, not a dot */
	bool phrase; /* words come before those in local: a display name, before an address with brackets or without */
	bool not_local; /* local cannot be a local part: words without a dot or space between them, or a bracket */
	bool implied;	/* there was no comma before this address */
	bool has_domain;
	bool begun; /* the first token was read */
	bool done;  /* an address in angle brackets or a group is complete: only "," may follow */
	bool in_group;
	size_t unclosed; /* how often something did not end; looking for its end again and again would take long */
	struct error why;
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
	bool space = p->lexer.space;
	name_gap(p);
	if (space && (p->after_word || p->phrase || p->not_local)) {
		p->phrase = true;
		p->not_local = false;
		strbuf_reset(&p->local);
	} else if (p->after_word) {
		p->not_local = true;
	}
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
		p->not_local = true;
	p->words = true;
	p->after_word = false;
}

static void reset_address(struct parser *p)
{
	strbuf_reset(&p->name);
	strbuf_reset(&p->local);
	strbuf_reset(&p->domain);
	p->words = p->after_word = p->phrase = p->not_local = p->has_domain = p->begun = p->done = p->implied = false;
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
		if (p->not_local || (!p->has_domain && !name && (p->phrase || p->implied)))
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

static bool skip_mailto(struct parser *p, struct mailbox_list *list)
{
	if (!span_starts_nocase(span_sub(p->lexer.text, p->lexer.at, p->lexer.text.len), "mailto:"))
		return true;
	p->lexer.at += strlen("mailto:");
	list->irregular = true;
	return skip_space(p);
}

/* "<<a@example.org>>", as programs write that put an address with brackets into brackets */
static bool skip_doubled(struct parser *p, size_t *n)
{
	if (!skip_space(p))
		return false;
	for (; peek(p) == '<'; (*n)++) {
		p->lexer.at++;
		if (!skip_space(p))
			return false;
	}
	return true;
}

/* Takes all from "<" to ">". */
static bool take_angle(struct parser *p, struct mailbox_list *list)
{
	AUTO(strbuf) name = p->name;
	strbuf_init(&p->name);
	strbuf_reset(&p->local);
	strbuf_reset(&p->domain);
	p->words = p->after_word = p->phrase = p->not_local = p->has_domain = false;

	size_t doubled = 0;
	p->lexer.at++;
	if (!skip_doubled(p, &doubled) || !skip_mailto(p, list))
		return false;
	list->irregular |= doubled > 0;
	bool null = peek(p) == '>';
	p->addr_from = p->lexer.end = p->lexer.at;
	if ((peek(p) == '@' && !skip_route(p)) || !take_local(p))
		return false;
	if (peek(p) == '@') {
		p->lexer.at++;
		p->has_domain = true;
		if (!address_lexer_take_domain(&p->lexer, &p->domain) || !skip_space(p))
			return false;
	}
	if (p->phrase)
		p->not_local = true;
	if (peek(p) != '>')
		return fail(p, peek(p) >= 0 ? _("unexpected text between \"<\" and \">\" in the address \"%s\"")
					    : _("the \">\" is missing in the address \"%s\""));
	while (doubled-- && span_starts_nocase(span_sub(p->lexer.text, p->lexer.at, p->lexer.text.len), ">>"))
		p->lexer.at++;
	if (!emit(p, list, &name, null))
		return false;
	p->lexer.at++;
	p->done = true;
	return true;
}

/* ---- the list ---- */

/* "undisclosed recipients" with any characters that are not letters between and around the words. */
static bool is_undisclosed(const struct strbuf *name)
{
	static const char letters[] = "undisclosedrecipients";
	size_t n = 0;
	for (size_t i = 0; i < name->len; i++) {
		char c = ascii_lower(name->buf[i]);
		if (c < 'a' || c > 'z')
			continue;
		if (c != letters[n])
			return false;
		n++;
	}
	return n + 1 >= sizeof(letters) - 1; /* the "s" may be missing */
}

/* Called at ",", ";", the end, and where a new address begins without one of them. */
static bool end_address(struct parser *p, struct mailbox_list *list)
{
	bool nothing = p->done || (!p->words && !p->has_domain) || (!p->has_domain && is_undisclosed(&p->name));
	if (!nothing && p->has_domain && (p->phrase || p->implied))
		list->irregular = true;
	if (!nothing && !emit(p, list, NULL, false))
		return false;
	reset_address(p);
	return true;
}

/* A new address begins without a comma after the last one, but with white space or a ">" before it. */
static bool begin_implied(struct parser *p, struct mailbox_list *list)
{
	if (!p->done && (!p->lexer.space || peek(p) == '.'))
		return fail(p, _("a character that must be quoted in the address \"%s\""));
	if (!end_address(p, list))
		return false;
	p->first = p->lexer.at;
	p->begun = p->implied = list->irregular = true;
	return true;
}

static bool take_at(struct parser *p)
{
	if (p->has_domain || p->done)
		return fail(p, _("more than one \"@\" in the address \"%s\""));
	if (!p->words || !p->local.len)
		return fail(p, _("nothing before the \"@\" in the address \"%s\""));
	p->lexer.at++;
	p->has_domain = true;
	p->lexer.space = false;
	if (!address_lexer_take_domain(&p->lexer, &p->domain))
		return false;
	/* If a "<" follows, all this was the display name: "a@b.org <a@b.org>". */
	strbuf_addch(&p->name, '@');
	strbuf_add_span(&p->name, strbuf_span(&p->domain));
	return true;
}

/* "Wiki :: blog <a@example.org>": a character that must be quoted in a display name, and is not.  It can mean nothing
 * else if a "<" follows in the same entry. */
static bool belongs_to_name(const struct parser *p)
{
	struct span text = p->lexer.text;
	size_t at = p->lexer.at;
	while (at < text.len && !strchr(",;<", text.ptr[at]))
		at++;
	return !p->has_domain && !p->done && at < text.len && text.ptr[at] == '<';
}

static bool begin_group(struct parser *p)
{
	if ((p->in_group || !p->words) && belongs_to_name(p)) {
		add_special(p, ':');
		return true;
	}
	if (p->in_group)
		return fail(p, _("a group inside a group, near \"%s\""));
	bool empty = !p->words && p->lexer.text.len - p->lexer.at > 1 && p->lexer.text.ptr[p->lexer.at + 1] == ';';
	if (p->has_domain || p->done || (!p->words && !empty))
		return fail(p, _("an unexpected \":\" in the address \"%s\""));
	p->lexer.at++;
	p->in_group = true;
	reset_address(p);
	return true;
}

/* Outside a group it stands between addresses, as in Outlook. */
static bool take_semicolon(struct parser *p, struct mailbox_list *list)
{
	bool group = p->in_group;
	if (!end_address(p, list))
		return false;
	p->lexer.start = ++p->lexer.at;
	p->in_group = false;
	p->done = group;
	list->irregular |= !group;
	return true;
}

static bool take_word(struct parser *p, int c)
{
	if (c == '"')
		return add_quoted(p);
	struct span atom = address_lexer_take_atom(&p->lexer);
	if (c == '.' || c == '[' || c == ']' || (!atom.len && !ascii_iscntrl((char)c) && belongs_to_name(p))) {
		add_special(p, (char)c);
		return true;
	}
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
	case ',':
		if (!end_address(p, list))
			return false;
		p->lexer.at++;
		p->lexer.start = p->lexer.at;
		return true;
	case ';': return take_semicolon(p, list);
	case '<':
		/* what comes before it is a display name, even if it looks like an address: "a@b.org <a@b.org>" */
		return (!p->done || begin_implied(p, list)) && take_angle(p, list);
	case '@': return take_at(p);
	case ':': return begin_group(p);
	case '>':
		if (!p->done)
			return take_word(p, c);
		p->lexer.at++; /* one bracket too many means nothing */
		list->irregular = true;
		return true;
	default: return ((!p->done && !p->has_domain) || begin_implied(p, list)) && take_word(p, c);
	}
}

static bool has_control(struct span entry)
{
	uint32_t cp = 0;
	for (size_t i = 0, n; i < entry.len; i += n ? n : 1) {
		n = utf8_decode(span_sub(entry, i, entry.len), &cp);
		if (n && (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) && !strchr("\t\r\n", (int)cp))
			return true;
	}
	return memchr(entry.ptr, '\0', entry.len) != NULL;
}

/* Adds the entry that cannot be understood, up to the next separator, and goes on after it.  False: it is dangerous. */
static bool refuse_entry(struct parser *p, struct mailbox_list *list)
{
	struct span text = p->lexer.text;
	size_t start = p->lexer.start, at = p->lexer.at;
	/* If something does not end, the entry ends as if that were not special. */
	if (at >= text.len && ++p->unclosed <= UNCLOSED_MAX)
		at = start;
	while (at < text.len && !strchr(",;", text.ptr[at]))
		at++;
	struct span entry = span_trim(span_sub(text, start, at));
	if (has_control(entry)) {
		error_release(&p->why);
		p->why = ERROR_INIT;
		return fail(p, _("a control character in the address \"%s\""));
	}
	size_t shown = entry.len < ENTRY_MAX ? entry.len : ENTRY_MAX;
	GROW(list->v, list->n, list->cap);
	list->v[list->n++] = (struct mailbox){
		.refused = steal_ptr(p->why.status.text),
		.addr = clean_text(span_sub(entry, 0, shown), ENTRY_MAX),
	};
	error_release(&p->why);
	p->why = ERROR_INIT;
	p->lexer.at = at < text.len ? at + 1 : at;
	reset_address(p);
	p->in_group = p->in_group && (at >= text.len || text.ptr[at] == ',');
	return true;
}

/* 1: a token was taken; 0: the end; -1: the entry cannot be understood. */
static int step(struct parser *p, struct mailbox_list *list)
{
	if (!skip_space(p))
		return -1;
	int c = peek(p);
	if (c < 0)
		return end_address(p, list) ? 0 : -1;
	if (!p->begun) {
		if (!skip_mailto(p, list))
			return -1;
		c = peek(p);
		p->first = p->lexer.at;
		p->begun = true;
	}
	return c < 0 || take_token(p, c, list) ? 1 : -1;
}

static bool parse_all(struct parser *p, struct mailbox_list *list)
{
	int more = 1;
	if (!address_lexer_check(&p->lexer))
		return false;
	while (more) {
		more = step(p, list);
		if (more < 0 && !refuse_entry(p, list))
			return false;
	}
	return true;
}

bool address_list_parse(struct span text, struct mailbox_list *list, struct error *err)
{
	struct parser p = {.lexer = {.text = span_trim(text)}, .why = ERROR_INIT};
	p.lexer.err = &p.why;
	strbuf_init(&p.name);
	strbuf_init(&p.local);
	strbuf_init(&p.domain);
	bool ok = parse_all(&p, list);
	if (!ok)
		error_move(err, &p.why);
	strbuf_release(&p.name);
	strbuf_release(&p.local);
	strbuf_release(&p.domain);
	error_release(&p.why);
	return ok;
}

void mailbox_list_release(struct mailbox_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		free(list->v[i].refused);
		free(list->v[i].name);
		free(list->v[i].addr);
	}
	free(list->v);
	*list = MAILBOX_LIST_INIT;
}
