/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help: the overview --help prints, made from the option table. */
#ifndef CONFIG_HELP_H
#define CONFIG_HELP_H

#include "config/option.h"

/* Usage, then every option a command line may hold today, in groups, no line longer than 80 columns. */
void option_help(struct strbuf *out);
/* True if the row is for users of this version: not LATER, OBSOLETE or IGNORED. */
bool option_is_live(const struct option_row *row);
/* "-f, --from=ADDRESS", "--tls[=on|off]", "-V ID"; empty for a row without flag and letter. */
void option_synopsis(const struct option_row *row, struct strbuf *out);

#endif
