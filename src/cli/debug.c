/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/debug.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "config/show.h"

#include <stdio.h>

#define LINE_SHOWN 2000

static void show_line(void *arg, bool from_server, struct span line)
{
	(void)arg;
	AUTO_FREE char *clean = clean_text(line, LINE_SHOWN);
	(void)printf("%s%s\n", from_server ? "<-- " : "--> ", clean);
	(void)fflush(stdout);
}

static void show_note(void *arg, const char *text)
{
	(void)arg;
	AUTO_FREE char *clean = clean_text(span_of(text), LINE_SHOWN);
	(void)printf("%s\n", clean);
	(void)fflush(stdout);
}

void debug_listen_dialogue(struct delivery_request *req)
{
	req->trace = show_line;
	req->note = show_note;
}

void debug_listen(struct delivery_request *req, const struct settings *settings)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (settings->why)
		(void)printf("%s\n", settings->why);
	show_text_set(settings->account, &text);
	(void)fputs(text.buf, stdout);
	(void)printf("%s\n", _("The other settings have their defaults, which --explain shows."));
	debug_listen_dialogue(req);
}
