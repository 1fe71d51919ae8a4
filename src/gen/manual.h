/* SPDX-License-Identifier: GPL-3.0-or-later */
/* manual: the parts common to the man page and the Texinfo manual: going through the table, and filling the frame. */
#ifndef GEN_MANUAL_H
#define GEN_MANUAL_H

#include "gen/prose.h"

struct manual {
	const struct markup *markup;
	const char *folder; /* doc/options */
	void (*section)(const char *title, struct strbuf *out);
	void (*list_begin)(struct strbuf *out);
	void (*list_end)(struct strbuf *out);
	void (*option_item)(const struct option_row *row, struct strbuf *out);	/* "-f ADDRESS, --from=ADDRESS" */
	void (*command_item)(const struct option_row *row, struct strbuf *out); /* "from ADDRESS" */
	void (*status_item)(struct span status, struct span name, struct strbuf *out);
};
/* The file, relative to folder, that explains the exit statuses: "NUMBER NAME", its prose, an empty line, and so on.
 */
#define STATUS_FILE "../exit_status"

bool manual_write(const struct manual *m, struct span frame, struct strbuf *out, struct error *err) MUST_CHECK;

#endif
