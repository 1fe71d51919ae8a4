/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show: prints an account's settings for users, for programs, and as a file.  Secrets are never shown. */
#ifndef CONFIG_SHOW_H
#define CONFIG_SHOW_H

#include "config/account.h"

/* Writes one aligned line per setting that has a value, with its origin: "port = 465    derived from tls".  Those that
 * are defaults come last. */
void show_text(const struct account *a, struct strbuf *out);
/* The same without the defaults. */
void show_text_set(const struct account *a, struct strbuf *out);
/* Writes lines that config_parse() reads as one of our own files with the same values; a secret is only a comment. */
void show_file(const struct account *a, struct strbuf *out);
/* Writes {"account": NAME, "settings": {COMMAND: {"value": ..., "origin": KIND, "at": TEXT}}}; numbers and on/off are
 * JSON numbers and booleans. */
void show_json(const struct account *a, struct strbuf *out);
/* Writes text as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD. */
void show_json_string(struct span text, struct strbuf *out);

#endif
