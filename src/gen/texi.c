/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/help.h"
#include "gen/gen.h"
#include "gen/manual.h"

static void section(const char *title, struct strbuf *out)
{
	strbuf_addf(out, "@subheading %s\n", title);
}

static void list_begin(struct strbuf *out)
{
	strbuf_adds(out, "@table @code\n");
}

static void list_end(struct strbuf *out)
{
	strbuf_adds(out, "@end table\n\n");
}

static void literal(struct span text, struct strbuf *out)
{
	for (size_t i = 0; i < text.len; i++)
		markup_texi.escape(text.ptr[i], true, false, out);
}

static void option_item(const struct option_row *row, struct strbuf *out)
{
	AUTO(strbuf) synopsis = STRBUF_INIT;
	option_synopsis(row, &synopsis);
	strbuf_adds(out, "@item ");
	literal(strbuf_span(&synopsis), out);
	strbuf_addch(out, '\n');
}

static void command_item(const struct option_row *row, struct strbuf *out)
{
	strbuf_addf(out, "@item %s ", row->command);
	literal(span_of(row->argument ? row->argument : ""), out);
	strbuf_addch(out, '\n');
}

static void status_item(struct span status, struct span name, struct strbuf *out)
{
	strbuf_addf(out, "@item %.*s %.*s\n", SPAN_FMT(status), SPAN_FMT(name));
}

bool gen_texi(struct span frame, const char *folder, struct strbuf *out, struct error *err)
{
	const struct manual m = {&markup_texi, folder,	    section,	  list_begin,
				 list_end,     option_item, command_item, status_item};
	return manual_write(&m, frame, out, err);
}
