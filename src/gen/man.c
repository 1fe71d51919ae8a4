/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gen/gen.h"
#include "gen/manual.h"

static void section(const char *title, struct strbuf *out)
{
	strbuf_addf(out, ".Ss %s\n", title);
}

static void list_begin(struct strbuf *out)
{
	strbuf_adds(out, ".Bl -tag -width Ds\n");
}

static void list_end(struct strbuf *out)
{
	strbuf_adds(out, ".El\n");
}

/* Adds a macro's argument: quoted, because it may contain spaces, and escaped, because a single "|" or "." would be
 * taken for punctuation. */
static void argument(const char *text, struct strbuf *out)
{
	strbuf_adds(out, " Ar \"");
	for (; *text; text++) {
		if (*text == '.' || *text == '|')
			strbuf_adds(out, "\\&");
		strbuf_addch(out, *text);
	}
	strbuf_addch(out, '"');
}

static void option_item(const struct option_row *row, struct strbuf *out)
{
	bool bare = row->flags & OPTION_BARE;
	strbuf_adds(out, ".It");
	if (row->letter) {
		strbuf_addf(out, " Fl %c", row->letter);
		bool may_lack = row->argument && bare && !row->flag;
		if (may_lack)
			strbuf_adds(out, " Ns Oo Ns");
		if (row->argument)
			argument(row->argument, out);
		if (may_lack)
			strbuf_adds(out, " Oc");
	}
	if (row->letter && row->flag)
		strbuf_adds(out, " ,");
	if (row->flag) {
		strbuf_addf(out, " Fl \\-%s", row->flag);
		if (row->argument && bare)
			strbuf_adds(out, " Ns Oo =");
		else if (row->argument)
			strbuf_adds(out, " Ns =");
		if (row->argument) {
			strbuf_adds(out, " Ns");
			argument(row->argument, out);
		}
		if (row->argument && bare)
			strbuf_adds(out, " Oc");
	}
	strbuf_addch(out, '\n');
}

static void command_item(const struct option_row *row, struct strbuf *out)
{
	strbuf_addf(out, ".It Ic %s", row->command);
	if (row->argument)
		argument(row->argument, out);
	strbuf_addch(out, '\n');
}

static void status_item(struct span status, struct span name, struct strbuf *out)
{
	strbuf_addf(out, ".It %.*s %.*s\n", SPAN_FMT(status), SPAN_FMT(name));
}

bool gen_man(struct span frame, const char *folder, struct strbuf *out, struct error *err)
{
	const struct manual m = {&markup_man, folder,	   section,	 list_begin,
				 list_end,    option_item, command_item, status_item};
	return manual_write(&m, frame, out, err);
}
