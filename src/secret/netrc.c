/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secret/netrc.h"

#include "base/strbuf.h"

struct cursor {
	struct span text;
	size_t at;
};

/* One entry.  Its words keep their quotes, so that only the password that is chosen is copied. */
struct entry {
	bool open;
	struct span machine;  /* ptr NULL: default */
	struct span login;    /* ptr NULL: any user */
	struct span password; /* ptr NULL: none */
};

struct search {
	struct span host, user;
	struct strbuf word; /* buffer for unquoting names */
	struct span best;   /* password, still quoted */
	int rank;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

static void skip_line(struct cursor *c)
{
	while (c->at < c->text.len && c->text.ptr[c->at] != '\n')
		c->at++;
}

static size_t quoted_end(const struct cursor *c)
{
	char quote = c->text.ptr[c->at];
	size_t i = c->at + 1;
	for (; i < c->text.len && c->text.ptr[i] != '\n'; i++) {
		if (c->text.ptr[i] == quote)
			return i + 1;
		if (quote == '"' && c->text.ptr[i] == '\\' && i + 1 < c->text.len && c->text.ptr[i + 1] != '\n')
			i++;
	}
	return i;
}

/* Reads the next word with its quotes.  Comments are recognised only where a keyword is expected. */
static bool next_word(struct cursor *c, bool keyword, struct span *word)
{
	for (;;) {
		while (c->at < c->text.len && is_space(c->text.ptr[c->at]))
			c->at++;
		if (c->at >= c->text.len)
			return false;
		if (!keyword || c->text.ptr[c->at] != '#')
			break;
		skip_line(c);
	}
	size_t start = c->at;
	if (c->text.ptr[start] == '"' || c->text.ptr[start] == '\'')
		c->at = quoted_end(c);
	while (c->at < c->text.len && !is_space(c->text.ptr[c->at]))
		c->at++;
	*word = span_sub(c->text, start, c->at);
	return true;
}

/* Passes the word to put in pieces, without its quotes. */
static void unquote(struct span word, void (*put)(void *to, const char *bytes, size_t len), void *to)
{
	char quote = word.len ? word.ptr[0] : '\0';
	size_t i = 0;
	if (quote == '"' || quote == '\'') {
		for (i = 1; i < word.len && word.ptr[i] != quote; i++) {
			if (quote == '"' && word.ptr[i] == '\\' && i + 1 < word.len)
				i++;
			put(to, word.ptr + i, 1);
		}
		i += i < word.len; /* the closing quote */
	}
	put(to, word.ptr + i, word.len - i);
}

static void put_strbuf(void *to, const char *bytes, size_t len)
{
	strbuf_add(to, bytes, len);
}

static void put_secret(void *to, const char *bytes, size_t len)
{
	secret_append(to, bytes, len);
}

static struct span unquoted_name(struct search *s, struct span word)
{
	strbuf_reset(&s->word);
	unquote(word, put_strbuf, &s->word);
	return strbuf_span(&s->word);
}

/* How well the entry fits; 0 if it does not. */
static int rank_of(struct search *s, const struct entry *e)
{
	int rank = 1;
	if (!e->open || !e->password.ptr)
		return 0;
	if (e->machine.ptr) {
		if (!span_equal_nocase(unquoted_name(s, e->machine), s->host))
			return 0;
		rank += 2;
	}
	if (!e->login.ptr)
		return rank;
	return span_equal(unquoted_name(s, e->login), s->user) ? rank + 1 : 0;
}

static void keep_if_better(struct search *s, const struct entry *e)
{
	int rank = rank_of(s, e);
	if (rank > s->rank) {
		s->rank = rank;
		s->best = e->password;
	}
}

/* Skips up to and including the next empty line. */
static void skip_macro(struct cursor *c)
{
	skip_line(c);
	while (c->at < c->text.len) {
		size_t start = ++c->at; /* after the line feed */
		skip_line(c);
		struct span line = span_sub(c->text, start < c->at ? start : c->at, c->at);
		if (!line.len || span_equals_str(line, "\r"))
			return;
	}
}

static bool is_any(struct span word, const char *a, const char *b)
{
	return span_equals_str(word, a) || span_equals_str(word, b);
}

static void take_keyword(struct cursor *c, struct search *s, struct entry *e, struct span word)
{
	struct span value = {NULL, 0};
	if (span_equals_str(word, "default")) {
		keep_if_better(s, e);
		*e = (struct entry){.open = true};
	} else if (span_equals_str(word, "machine")) {
		keep_if_better(s, e);
		bool named = next_word(c, false, &value);
		*e = (struct entry){.open = named, .machine = value};
	} else if (is_any(word, "login", "user") && next_word(c, false, &value)) {
		e->login = value;
	} else if (is_any(word, "password", "passwd") && next_word(c, false, &value)) {
		e->password = value;
	} else if (span_equals_str(word, "account")) {
		(void)!next_word(c, false, &value);
	} else if (span_equals_str(word, "macdef")) {
		skip_macro(c);
	}
}

bool netrc_find(struct span text, const char *host, const char *user, struct secret *password)
{
	struct cursor c = {.text = text};
	struct search s = {.host = span_of(host), .user = span_of(user), .word = STRBUF_INIT};
	struct entry e = {.open = false};
	struct span word;
	while (next_word(&c, true, &word))
		take_keyword(&c, &s, &e, word);
	keep_if_better(&s, &e);
	strbuf_release(&s.word);
	if (!s.rank)
		return false;
	secret_set(password, "", 0);
	unquote(s.best, put_secret, password);
	return true;
}
