/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show: prints an account's settings for users, for programs, and as a file.  Secrets are never shown. */
#ifndef CONFIG_SHOW_H
#define CONFIG_SHOW_H

#include "base/json.h"
#include "config/account.h"

/* Writes one aligned line per setting that has a value, with its origin: "port = 465    derived from tls".  Those that
 * are defaults come last. */
void show_text(const struct account *a, struct strbuf *out);
/* The same without the defaults. */
void show_text_set(const struct account *a, struct strbuf *out);
/* Writes lines that config_parse() reads as one of our own files with the same values; a secret is only a comment. */
void show_file(const struct account *a, struct strbuf *out);
/* Adds "account": NAME, "settings": {COMMAND: {"value": ..., "origin": KIND, "at": TEXT}} to the object that is open;
 * numbers and on/off are JSON numbers and booleans.  a may be NULL: there is none. */
void show_json(const struct account *a, struct json *j);

#endif
