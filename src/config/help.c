/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/help.h"

#include "base/i18n.h"
#include "base/wrap.h"

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

static void pad_to(struct strbuf *out, size_t from, size_t to)
{
	for (; from < to; from++)
		strbuf_addch(out, ' ');
}

static void add_row(const struct option_row *row, struct strbuf *out)
{
	AUTO(strbuf) synopsis = STRBUF_INIT;
	/* long options are aligned, whether there is a letter before them or not */
	strbuf_adds(&synopsis, row->letter ? "  " : "      ");
	option_synopsis(row, &synopsis);
	size_t at = wrap_width(strbuf_span(&synopsis));
	strbuf_add_span(out, strbuf_span(&synopsis));
	if (at + 2 > HELP_COLUMN) {
		strbuf_addch(out, '\n');
		at = 0;
	}
	pad_to(out, at, HELP_COLUMN);
	wrap_add(out, _(row->help), HELP_COLUMN, HELP_COLUMN, COLUMNS - 1);
}

static bool on_command_line(const struct option_row *row)
{
	return option_is_live(row) && (row->flag || row->letter);
}

void option_help(struct strbuf *out)
{
	strbuf_adds(out, _("Usage: posthaste [OPTION...] [--] RECIPIENT...\n"));
	wrap_add(out, _("Reads a message from standard input and submits it to a mail server."), 0, 0, COLUMNS - 1);
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
	strbuf_addch(out, '\n');
	wrap_add(out, _("Most options are configuration commands too; see posthaste(1)."), 0, 0, COLUMNS - 1);
}
