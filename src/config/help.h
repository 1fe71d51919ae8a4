/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help: the overview that --help prints, made from the option table. */
#ifndef CONFIG_HELP_H
#define CONFIG_HELP_H

#include "config/option.h"

/* Writes the usage and every option of this version's command line, in groups; no line is longer than 80 columns. */
void option_help(struct strbuf *out);
/* True if the row is for users of this version: not LATER, OBSOLETE, IGNORED or INTERNAL. */
bool option_is_live(const struct option_row *row);
/* Writes "-f, --from=ADDRESS", "--tls[=on|off]" or "-V ID"; nothing for a row without flag and letter. */
void option_synopsis(const struct option_row *row, struct strbuf *out);

#endif
