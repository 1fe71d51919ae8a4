/* SPDX-License-Identifier: GPL-3.0-or-later */
/* show: an account's settings for people, for programs, and as a file.  Secrets are never shown. */
#ifndef CONFIG_SHOW_H
#define CONFIG_SHOW_H

#include "config/account.h"

/* One aligned line per setting that has a value, with its origin: "port = 465    derived from tls". */
void show_text(const struct account *a, struct strbuf *out);
/* Lines that config_parse() reads in our own flavour and that give the same values; a secret is only a comment. */
void show_file(const struct account *a, struct strbuf *out);
/* {"account": NAME, "settings": {COMMAND: {"value": ..., "origin": KIND, "at": TEXT}}}; numbers and on/off as JSON's.
 */
void show_json(const struct account *a, struct strbuf *out);
/* text as a JSON string, quotes included; what is not UTF-8 becomes U+FFFD. */
void show_json_string(struct span text, struct strbuf *out);

#endif
