/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * language: which language texts for users are in.
 *
 * Only messages depend on the locale, never dates, numbers or the meaning of bytes.  Texts are always UTF-8, because
 * they also go into JSON, the log and reports.
 *
 * Without NLS (configure --disable-nls) everything is English, and these functions do nothing.
 */
#ifndef BASE_LANGUAGE_H
#define BASE_LANGUAGE_H

#include "base/runtime.h"

/* Takes the language from the environment, once, at start.  A locale whose texts are English loads nothing: the plain
 * path stays free of forty system calls. */
void language_init(const struct runtime *runtime);
/* What language_switch() needs to come back to the language of this process, maybe in another process with another
 * environment: the name of the locale, and $LANGUAGE after a blank.  malloc'ed; NULL: English. */
char *language_name(const struct runtime *runtime);
/* From now on texts are English, because programs read them (RFC 5321 replies are ASCII); language_name() stays what it
 * was. */
void language_speak_english(const struct runtime *runtime);
/* The tag of the language that texts are in (RFC 5646): "de", "pt-BR".  malloc'ed; NULL: English. */
char *language_tag(void);

struct language_before {
	char *locale, *list;
};
/* From now on texts are in that language; NULL, or a locale that this system does not have: in English. */
void language_switch(const char *name, const struct runtime *runtime, struct language_before *before);
void language_switch_back(struct language_before *before);

#endif
