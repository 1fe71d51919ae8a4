/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/help.h"

#include "base/i18n.h"
#include "base/utf8.h"

#define COLUMNS 80
#define HELP_COLUMN 34

bool option_is_live(const struct option_row *row)
{
	return !(row->flags & (OPTION_OBSOLETE | OPTION_IGNORED | OPTION_INTERNAL));
}

void option_synopsis(const struct option_row *row, struct strbuf *out)
{
	const char *argument = row->argument ? _(row->argument) : NULL;
	bool bare = row->flags & OPTION_BARE;
	if (row->letter)
		strbuf_addf(out, "-%c", row->letter);
	if (row->letter && !row->flag && argument)
		strbuf_addf(out, bare ? "[%s]" : " %s", argument);
	if (!row->flag)
		return;
	strbuf_addf(out, "%s--%s", row->letter ? ", " : "", row->flag);
	if (argument)
		strbuf_addf(out, bare ? "[=%s]" : "=%s", argument);
}

/* The width in characters: translations have more bytes than characters. */
static size_t width_of(struct span text)
{
	size_t columns = 0;
	uint32_t cp;
	for (size_t i = 0; i < text.len; columns++) {
		size_t n = utf8_decode(span_sub(text, i, text.len), &cp);
		i += n ? n : 1;
	}
	return columns;
}

static void pad_to(struct strbuf *out, size_t from, size_t to)
{
	for (; from < to; from++)
		strbuf_addch(out, ' ');
}

/* Adds the words of text from column at on, with lines broken before column 80 and indented to HELP_COLUMN. */
static void add_wrapped(struct strbuf *out, size_t at, const char *text)
{
	struct span rest = span_of(text), word;
	bool first = true;
	while ((word = span_word(&rest)).len) {
		size_t w = width_of(word);
		if (!first && at + 1 + w >= COLUMNS) {
			strbuf_addch(out, '\n');
			pad_to(out, 0, HELP_COLUMN);
			at = HELP_COLUMN;
			first = true;
		}
		if (!first) {
			strbuf_addch(out, ' ');
			at++;
		}
		strbuf_add_span(out, word);
		at += w;
		first = false;
	}
	strbuf_addch(out, '\n');
}

static void add_row(const struct option_row *row, struct strbuf *out)
{
	AUTO(strbuf) synopsis = STRBUF_INIT;
	/* long options are aligned, whether there is a letter before them or not */
	strbuf_adds(&synopsis, row->letter ? "  " : "      ");
	option_synopsis(row, &synopsis);
	size_t at = width_of(strbuf_span(&synopsis));
	strbuf_add_span(out, strbuf_span(&synopsis));
	if (at + 2 > HELP_COLUMN) {
		strbuf_addch(out, '\n');
		at = 0;
	}
	pad_to(out, at, HELP_COLUMN);
	add_wrapped(out, HELP_COLUMN, _(row->help));
}

static bool on_command_line(const struct option_row *row)
{
	return option_is_live(row) && (row->flag || row->letter);
}

void option_help(struct strbuf *out)
{
	strbuf_adds(out, _("Usage: posthaste [OPTION...] [--] RECIPIENT...\n"
			   "Reads a message from standard input and submits it to a mail server.\n"));
	for (int g = 0; g < GROUP_COUNT; g++) {
		bool titled = false;
		for (size_t i = 0; i < OPTION_COUNT; i++) {
			if ((int)option_table[i].group != g || !on_command_line(&option_table[i]))
				continue;
			if (!titled)
				strbuf_addf(out, "\n%s:\n", option_group_title((enum option_group)g));
			titled = true;
			add_row(&option_table[i], out);
		}
	}
	strbuf_adds(out, _("\nMost options are configuration commands too; see posthaste(1).\n"));
}
