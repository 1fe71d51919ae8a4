/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen: the files that the generator writes, made from the option table, and the manuals also from doc/options. */
#ifndef GEN_GEN_H
#define GEN_GEN_H

#include "config/option.h"

/* Copies the frame, replacing the lines "@OPTIONS@", "@CONFIGURATION@", "@OLD@", "@STATUS@" and "@ERRORS@". */
bool gen_man(struct span frame, const char *folder, struct strbuf *out, struct error *err) MUST_CHECK;
bool gen_texi(struct span frame, const char *folder, struct strbuf *out, struct error *err) MUST_CHECK;
void gen_bash(struct strbuf *out);
void gen_zsh(struct strbuf *out);
void gen_fish(struct strbuf *out);
void gen_vim(struct strbuf *out);
/* For tests: one line per row with its prose name, its kind ("live", "later" ...), command, flag and letter; "-" for
 * none; separated by tabs. */
void gen_rows(struct strbuf *out);
/* For tests: the name, exit status, meaning and cure of every kind of error. */
void gen_kinds(struct strbuf *out);

#endif
