/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/command_lines.h"

#include "base/span.h"
#include "base/xalloc.h"

#define PORTION (64u * 1024)
#define VERB_MIN 4 /* octets of the shortest */

static const struct {
	const char *verb, *then; /* then: the word that must follow; NULL: a blank or the end of the line */
} commands[] = {{"MAIL", "FROM"}, {"RCPT", "TO"}, {"DATA", NULL}, {"BDAT", NULL}, {"EHLO", NULL}, {"HELO", NULL},
		{"LHLO", NULL},	  {"RSET", NULL}, {"QUIT", NULL}, {"AUTH", NULL}, {"ETRN", NULL}, {"STARTTLS", NULL}};

static struct span after_blanks(struct span text)
{
	while (text.len && ascii_isblank(text.ptr[0]))
		text = span_sub(text, 1, text.len);
	return text;
}

static bool is_command(struct span line)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!span_starts_nocase(line, commands[i].verb))
			continue;
		struct span rest = span_sub(line, strlen(commands[i].verb), line.len);
		bool ends = !rest.len || ascii_isblank(rest.ptr[0]);
		if (ends && (!commands[i].then || span_starts_nocase(after_blanks(rest), commands[i].then)))
			return true;
	}
	return false;
}

/* Whether a line with these first octets can be a command: most lines need no more. */
static bool can_be_command(const char head[VERB_MIN])
{
	char word[VERB_MIN];
	for (size_t i = 0; i < VERB_MIN; i++)
		word[i] = ascii_upper(head[i]);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (memcmp(word, commands[i].verb, VERB_MIN) == 0)
			return true;
	return false;
}

static void look(struct command_lines *c)
{
	c->found |= is_command(span_make(c->head, c->n));
}

static bool ends_line(char octet)
{
	return octet == '\n' || octet == '\r';
}

/* The first octets of a line; returns how many of in they are. */
static size_t take_head(struct command_lines *c, struct span in)
{
	size_t i = 0;
	for (; i < in.len && !c->within && !ends_line(in.ptr[i]); i++) {
		if (!c->n && ascii_isblank(in.ptr[i]))
			continue;
		c->head[c->n++] = in.ptr[i];
		c->within = c->n == sizeof(c->head) || (c->n == VERB_MIN && !can_be_command(c->head));
		if (c->n == sizeof(c->head))
			look(c);
	}
	return i;
}

static size_t rest_of_line(struct span in)
{
	const char *lf = memchr(in.ptr, '\n', in.len);
	size_t n = lf ? (size_t)(lf - in.ptr) : in.len;
	const char *cr = memchr(in.ptr, '\r', n);
	return cr ? (size_t)(cr - in.ptr) : n;
}

void command_lines_end(struct command_lines *c)
{
	if (!c->within)
		look(c);
	c->n = 0;
	c->within = false;
}

void command_lines_feed(struct command_lines *c, struct span in)
{
	while (in.len && !c->found) {
		size_t n = c->within ? rest_of_line(in) : take_head(c, in);
		in = span_sub(in, n, in.len);
		if (in.len && ends_line(in.ptr[0])) {
			command_lines_end(c);
			in = span_sub(in, 1, in.len);
		}
	}
}

bool command_lines_in(struct span header, const struct source *body, uint64_t octets, bool *found, struct error *err)
{
	struct command_lines c = COMMAND_LINES_INIT;
	AUTO_FREE char *portion = xmalloc(PORTION);
	uint64_t at = 0;
	size_t got = 1;
	command_lines_feed(&c, header);
	command_lines_end(&c);
	while (got && !c.found && header.len + at < octets) {
		if (!source_read_at(body, at, portion, PORTION, &got, err))
			return false;
		command_lines_feed(&c, span_make(portion, got));
		at += got;
	}
	command_lines_end(&c);
	*found = c.found;
	return true;
}
