/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each line is read without its comment; then its list is divided at the commas. A piece that is a command, a file or
 * an include is refused, and the address parser reads the others.
 */
#include "address/aliases.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "address/address.h"

#define QUOTE_MAX 60
#define DEFAULT_NAME "default"

void aliases_release(struct aliases *a)
{
	for (size_t i = 0; i < a->n; i++) {
		for (size_t j = 0; j < a->v[i].n; j++)
			free(a->v[i].to[j].addr);
		free(a->v[i].to);
		free(a->v[i].name);
	}
	for (size_t i = 0; i < a->problem_n; i++)
		free(a->problems[i].text);
	free(a->v);
	free(a->problems);
	free(a->exact);
	free(a->nocase);
	*a = ALIASES_INIT;
}

/* fmt has one %s, for the part that is wrong. */
static struct alias_problem *problem(struct aliases *a, size_t line, const char *fmt, struct span part)
{
	AUTO(error) said = ERROR_INIT;
	AUTO_FREE char *shown =
		clean_text(span_sub(part, 0, part.len < 2 * QUOTE_MAX ? part.len : 2 * QUOTE_MAX), QUOTE_MAX);
	(void)error_set(&said, ERROR_CONFIG, fmt, shown);
	GROW(a->problems, a->problem_n, a->problem_cap);
	a->problems[a->problem_n] = (struct alias_problem){line, steal_ptr(said.status.text), false};
	return &a->problems[a->problem_n++];
}

/* A problem that makes the alias unusable. */
static struct alias_problem *alias_problem(struct aliases *a, size_t index, size_t line, const char *fmt,
					   struct span part)
{
	struct alias *alias = &a->v[index];
	struct alias_problem *p = problem(a, line, fmt, part);
	if (!alias->unusable) {
		alias->unusable = true;
		alias->problem_line = line;
		alias->problem_text = p->text;
	}
	return p;
}

/* ---- lines --------------------------------------------------------------- */

struct quoting {
	bool quoted, escaped;
	size_t depth; /* of comments in parentheses */
};

/* Whether c is inside quotes or parentheses, or is one of them. */
static bool quoting_step(struct quoting *q, char c)
{
	bool inside = q->quoted || q->depth;
	if (q->escaped)
		q->escaped = false;
	else if (inside && c == '\\')
		q->escaped = true;
	else if (c == '"' && !q->depth)
		q->quoted = !q->quoted;
	else if (c == '(' && !q->quoted)
		q->depth++;
	else if (c == ')' && q->depth)
		q->depth--;
	else
		return inside;
	return true;
}

/* *rest is the line without its comment. Returns false if there is a "#" inside a name, which programs read in
 * different ways. */
static bool cut_comment(struct span line, struct span *rest)
{
	struct quoting q = {.quoted = false};
	bool domain = false; /* after the "@" of an address */
	bool clear = true;
	*rest = line;
	for (size_t i = 0; i < line.len; i++) {
		char before = i ? line.ptr[i - 1] : ' ', c = line.ptr[i];
		if (quoting_step(&q, c))
			continue;
		domain = c == '@' || (domain && c != ',');
		if (c != '#')
			continue;
		if (!domain && !ascii_isblank(before) && !strchr(",:", before)) {
			clear = false;
			continue;
		}
		rest->len = i;
		break;
	}
	return clear;
}

/* ---- pieces of a line ---------------------------------------------------- */

/* Cuts the piece before the next separator outside quotes off *rest. Returns false if there is no separator; then the
 * piece is all of *rest. */
static bool cut_at(struct span *rest, char sep, struct span *piece)
{
	struct quoting q = {.quoted = false};
	for (size_t i = 0; i < rest->len; i++) {
		if (quoting_step(&q, rest->ptr[i]) || rest->ptr[i] != sep)
			continue;
		*piece = span_sub(*rest, 0, i);
		*rest = span_sub(*rest, i + 1, rest->len);
		return true;
	}
	*piece = *rest;
	*rest = span_sub(*rest, rest->len, rest->len);
	return false;
}

/* What to say about a command, a file or a list, which are refused; or NULL. */
static const char *refused_piece(struct span piece)
{
	struct span bare = piece.len && piece.ptr[0] == '"' ? span_sub(piece, 1, piece.len) : piece;
	if (bare.len && bare.ptr[0] == '|')
		return _("%s is a command, and posthaste does not run commands for mail: write an address");
	if (span_starts_nocase(bare, ":include:"))
		return _("%s includes another file, which is not supported: write the addresses here");
	if (bare.len && bare.ptr[0] == '/' && (piece.ptr[0] == '"' || !memchr(bare.ptr, '@', bare.len)))
		return _("%s is a file, and posthaste does not write mail to files: write an address");
	return NULL;
}

static void add_target(struct alias *alias, char *addr, bool literal)
{
	GROW(alias->to, alias->n, alias->cap);
	alias->to[alias->n++] = (struct alias_target){addr, literal};
}

static bool is_dev_null(struct span piece)
{
	return span_equals_str(piece, "/dev/null") || span_equals_str(piece, "\"/dev/null\"");
}

/* Of the alias that was begun last. */
static void take_piece(struct aliases *a, struct span piece, size_t line)
{
	size_t last = a->n - 1;
	struct alias *alias = &a->v[last];
	AUTO(error) err = ERROR_INIT;
	AUTO(mailbox_list) list = MAILBOX_LIST_INIT;
	const char *refused = refused_piece(piece);
	bool literal = piece.len > 1 && piece.ptr[0] == '\\';
	if (is_dev_null(piece)) {
		add_target(alias, NULL, false);
		return;
	}
	if (refused) {
		alias_problem(a, last, line, refused, piece)->foreign = true;
		return;
	}
	if (!address_list_parse(literal ? span_sub(piece, 1, piece.len) : piece, &list, &err)) {
		(void)alias_problem(a, last, line, "%s", span_of(err.status.text));
		return;
	}
	for (size_t i = 0; i < list.n; i++) {
		if (list.v[i].refused)
			(void)alias_problem(a, last, line, "%s", span_of(list.v[i].refused));
		else if (!*list.v[i].addr)
			(void)alias_problem(a, last, line, _("%s is not an address that mail can be sent to"), piece);
		else
			add_target(alias, steal_ptr(list.v[i].addr), literal);
	}
}

/* Returns the name, without its quotes; or NULL after recording what is wrong with it. */
static char *take_name(struct aliases *a, struct span name, size_t line)
{
	AUTO(strbuf) plain = STRBUF_INIT;
	struct quoting q = {.quoted = false};
	bool clean = true;
	for (size_t i = 0; i < name.len; i++) {
		bool was_escaped = q.escaped;
		bool inside = quoting_step(&q, name.ptr[i]);
		clean = clean && !ascii_iscntrl(name.ptr[i]) && !q.depth;
		if (!inside && (name.ptr[i] == '@' || ascii_isblank(name.ptr[i])))
			clean = false;
		if (!inside || was_escaped || (name.ptr[i] != '"' && !q.escaped))
			strbuf_addch(&plain, name.ptr[i]);
	}
	if (memchr(plain.buf, '@', plain.len))
		(void)problem(a, line, _("%s has an \"@\", but an alias is a local name without a domain"), name);
	else if (!clean || q.quoted || !plain.len)
		(void)problem(a, line, _("\"%s\" cannot be a name: expected one word, or text in quotes"), name);
	else
		return strbuf_detach(&plain, NULL);
	return NULL;
}

/* Reads the name at the start of a line, and leaves the addresses. *open: there is an alias to add them to. */
static void take_start(struct aliases *a, struct span text, size_t line, bool *open)
{
	struct span name;
	*open = false;
	if (!cut_at(&text, ':', &name)) {
		(void)problem(a, line, _("expected \"name: address\", got \"%s\""), span_trim(name));
		return;
	}
	char *plain = take_name(a, span_trim(name), line);
	if (!plain)
		return;
	GROW(a->v, a->n, a->cap);
	a->v[a->n++] = (struct alias){.name = plain, .line = line};
	*open = true;
}

static void take_list(struct aliases *a, struct span text, size_t line)
{
	for (struct span piece; text.len;) {
		(void)cut_at(&text, ',', &piece);
		piece = span_trim(piece);
		if (piece.len)
			take_piece(a, piece, line);
	}
}

/* ---- the index ----------------------------------------------------------- */

struct key {
	const char *name;
	size_t index;
};

static int compare_exact(const void *pa, const void *pb)
{
	const struct key *a = pa, *b = pb;
	int order = strcmp(a->name, b->name);
	return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

static int compare_nocase(const void *pa, const void *pb)
{
	const struct key *a = pa, *b = pb;
	int order = ascii_strcasecmp(a->name, b->name);
	return order ? order : a->index < b->index ? -1 : a->index > b->index;
}

static size_t *sorted(const struct aliases *a, int (*compare)(const void *, const void *))
{
	AUTO_FREE struct key *keys = xcalloc(a->n, sizeof(*keys));
	size_t *index = xcalloc(a->n, sizeof(*index));
	for (size_t i = 0; i < a->n; i++)
		keys[i] = (struct key){a->v[i].name, i};
	qsort(keys, a->n, sizeof(*keys), compare);
	for (size_t i = 0; i < a->n; i++)
		index[i] = keys[i].index;
	return index;
}

static void find_repeated(struct aliases *a)
{
	for (size_t i = 1; i < a->n; i++) {
		const struct alias *first = &a->v[a->exact[i - 1]], *again = &a->v[a->exact[i]];
		if (strcmp(first->name, again->name) != 0)
			continue;
		AUTO_FREE char *text = xasprintf(_("%s is already defined on line %zu"), again->name, first->line);
		(void)alias_problem(a, a->exact[i], again->line, "%s", span_of(text));
		a->problems[a->problem_n - 1].foreign = true;
		size_t kept = a->exact[i - 1]; /* the one that aliases_find() finds */
		if (!a->v[kept].unusable) {
			a->v[kept].unusable = true;
			a->v[kept].problem_line = again->line;
			a->v[kept].problem_text = a->problems[a->problem_n - 1].text;
		}
	}
}

static int compare_problem(const void *pa, const void *pb)
{
	const struct alias_problem *a = pa, *b = pb;
	return a->line < b->line ? -1 : a->line > b->line;
}

static void check_aliases(struct aliases *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (!a->v[i].n && !a->v[i].unusable)
			(void)alias_problem(a, i, a->v[i].line, _("%s has no addresses"), span_of(a->v[i].name));
	if (a->n) {
		a->exact = sorted(a, compare_exact);
		a->nocase = sorted(a, compare_nocase);
		find_repeated(a);
	}
	if (a->problem_n)
		qsort(a->problems, a->problem_n, sizeof(*a->problems), compare_problem);
}

/* ---- the file ------------------------------------------------------------ */

void aliases_parse(struct aliases *a, struct span text)
{
	bool open = false; /* there is an alias that a continuation belongs to */
	bool any = false;  /* there was a line that can be continued */
	struct span line;
	text = utf8_without_bom(text);
	for (size_t number = 1; span_split(&text, '\n', &line); number++) {
		bool continues = line.len && ascii_isblank(line.ptr[0]);
		struct span content;
		if (!cut_comment(line, &content)) {
			(void)problem(
				a, number,
				_("a \"#\" inside a word of \"%s\": put a space before a comment, and an address that "
				  "contains \"#\" in quotes"),
				span_trim(line));
			open = false;
			any = true;
			continue;
		}
		content = span_trim(content);
		if (!content.len)
			continue;
		if (!continues) {
			any = true;
			take_start(a, content, number, &open);
			struct span name;
			(void)cut_at(&content, ':', &name);
		} else if (!any) {
			(void)problem(a, number,
				      _("\"%s\" begins with a space, but there is no line that it continues"), content);
		}
		if (open)
			take_list(a, content, number);
	}
	check_aliases(a);
}

/* Searches for the name in an index. */
static const struct alias *look_up(const struct aliases *a, const size_t *index, const char *name,
				   int (*compare)(const char *, const char *))
{
	size_t low = 0, high = a->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare(a->v[index[middle]].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < a->n && compare(a->v[index[low]].name, name) == 0 ? &a->v[index[low]] : NULL;
}

static const struct alias *look_up_both(const struct aliases *a, const char *name)
{
	const struct alias *found = look_up(a, a->exact, name, strcmp);
	return found ? found : look_up(a, a->nocase, name, ascii_strcasecmp);
}

const struct alias *aliases_find(const struct aliases *a, struct span name)
{
	if (!a->n)
		return NULL;
	AUTO_FREE char *text = xmemdup0(name.ptr, name.len);
	const struct alias *found = look_up_both(a, text);
	return found ? found : look_up_both(a, DEFAULT_NAME);
}

/* ---- loops --------------------------------------------------------------- */

const struct alias *aliases_of_target(const struct aliases *a, const struct alias_target *to,
				      const struct local_names *local)
{
	AUTO(strbuf) user = STRBUF_INIT;
	if (!to->addr || to->literal ||
	    (local ? !local_names_has(local, span_of(to->addr)) : strchr(to->addr, '@') != NULL))
		return NULL;
	local_names_user(span_of(to->addr), &user);
	return aliases_find(a, strbuf_span(&user));
}

static bool leads_somewhere(const struct aliases *a, const struct alias *alias, const struct local_names *local,
			    const bool *known)
{
	for (size_t i = 0; i < alias->n; i++) {
		const struct alias *next = aliases_of_target(a, &alias->to[i], local);
		if (!next || known[next - a->v])
			return true;
	}
	return alias->unusable;
}

/* Forwards and backwards in turn, so that chains are followed quickly in the order in which people write them. */
bool *aliases_find_ends(const struct aliases *a, const struct local_names *local)
{
	bool *known = xcalloc(a->n, sizeof(*known)), changed = true;
	for (size_t pass = 0; changed; pass++) {
		changed = false;
		for (size_t i = 0; i < a->n; i++) {
			size_t at = pass % 2 ? i : a->n - 1 - i;
			if (known[at] || !leads_somewhere(a, &a->v[at], local, known))
				continue;
			known[at] = changed = true;
		}
	}
	return known;
}

void aliases_find_loops(struct aliases *a)
{
	AUTO_FREE bool *known = aliases_find_ends(a, NULL);
	for (size_t i = 0; i < a->n; i++)
		if (!known[i])
			problem(a, a->v[i].line, _("%s leads back to itself, and to no address"), span_of(a->v[i].name))
				->foreign = true;
	if (a->problem_n)
		qsort(a->problems, a->problem_n, sizeof(*a->problems), compare_problem);
}
