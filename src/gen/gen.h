/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gen: what the generator can write, each from the option table alone or with doc/options. */
#ifndef GEN_GEN_H
#define GEN_GEN_H

#include "config/option.h"

/* Fills a frame's lines "@OPTIONS@", "@CONFIGURATION@", "@OLD@", "@STATUS@" and writes the rest as it is. */
bool gen_man(struct span frame, const char *folder, struct strbuf *out, struct error *err) MUST_CHECK;
bool gen_texi(struct span frame, const char *folder, struct strbuf *out, struct error *err) MUST_CHECK;
void gen_bash(struct strbuf *out);
void gen_zsh(struct strbuf *out);
void gen_fish(struct strbuf *out);
void gen_vim(struct strbuf *out);
/* For tests: prose name, "live" or what it is instead, command, flag, letter; "-" for none; tabs between. */
void gen_rows(struct strbuf *out);
/* For tests: name and exit status of every kind of error. */
void gen_kinds(struct strbuf *out);

#endif
