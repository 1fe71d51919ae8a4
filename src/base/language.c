/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/language.h"

#ifndef ENABLE_NLS

void language_init(const struct runtime *runtime)
{
	(void)runtime;
}

char *language_name(const struct runtime *runtime)
{
	(void)runtime;
	return NULL;
}

void language_speak_english(const struct runtime *runtime)
{
	(void)runtime;
}

char *language_tag(void)
{
	return NULL;
}

void language_switch(const char *name, const struct runtime *runtime, struct language_before *before)
{
	(void)name;
	(void)runtime;
	*before = (struct language_before){NULL, NULL};
}

void language_switch_back(struct language_before *before)
{
	(void)before;
}

#else

#include "base/span.h"
#include "base/xalloc.h"

#include <libintl.h>
#include <locale.h>
#include <stdlib.h>

/* gettext() asks $LANGUAGE in every locale but this one, and since glibc 2.39 C.UTF-8. */
static bool is_c(const char *locale)
{
	return !*locale || strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0;
}

static const char *list_of(const struct runtime *runtime)
{
	const char *list = runtime_env(runtime, "LANGUAGE");
	return list && *list ? list : NULL;
}

static const char *wanted_locale(const struct runtime *runtime)
{
	static const char *const vars[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *wanted = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(vars) && !(wanted && *wanted); i++)
		wanted = runtime_env(runtime, vars[i]);
	return wanted ? wanted : "";
}

static void use_translations(void)
{
	(void)bindtextdomain(PACKAGE, LOCALEDIR);
	(void)bind_textdomain_codeset(PACKAGE, "UTF-8");
	(void)bind_textdomain_codeset("libc", "UTF-8"); /* strerror() */
	(void)textdomain(PACKAGE);
}

void language_init(const struct runtime *runtime)
{
	const char *wanted = wanted_locale(runtime);
	if (is_c(wanted) || (strncmp(wanted, "C.", 2) == 0 && !list_of(runtime)))
		return;
	(void)setlocale(LC_CTYPE, "");
	(void)setlocale(LC_MESSAGES, "");
	use_translations();
}

/* Before language_speak_english(); NULL: it was English, or still is what it was. */
static char *own_name;

char *language_name(const struct runtime *runtime)
{
	if (own_name)
		return xstrdup(own_name);
	const char *locale = setlocale(LC_MESSAGES, NULL), *list = list_of(runtime);
	if (!locale || is_c(locale))
		return NULL;
	return list ? xasprintf("%s %s", locale, list) : xstrdup(locale);
}

void language_speak_english(const struct runtime *runtime)
{
	char *name = language_name(runtime);
	free(own_name);
	own_name = name;
	(void)setlocale(LC_MESSAGES, "C");
}

#define LANGUAGE_FIELD "Language: "

char *language_tag(void)
{
	struct span rest = span_of(gettext("")), line; /* the header of the translation */
	while (span_split(&rest, '\n', &line)) {
		if (!span_starts_nocase(line, LANGUAGE_FIELD))
			continue;
		line = span_sub(line, sizeof(LANGUAGE_FIELD) - 1, line.len);
		char *tag = xmemdup0(line.ptr, line.len);
		for (char *c = tag; *c; c++)
			if (*c == '_')
				*c = '-';
		return tag;
	}
	return NULL;
}

static void set_list(const char *list)
{
	if (list)
		(void)setenv("LANGUAGE", list, 1);
	else
		(void)unsetenv("LANGUAGE");
}

void language_switch(const char *name, const struct runtime *runtime, struct language_before *before)
{
	const char *list = name ? strchr(name, ' ') : NULL;
	AUTO_FREE char *locale = xmemdup0(name ? name : "C", list ? (size_t)(list - name) : strlen(name ? name : "C"));
	before->locale = xstrdup_null(setlocale(LC_MESSAGES, NULL));
	before->list = xstrdup_null(list_of(runtime));
	set_list(list ? list + 1 : NULL);
	if (!setlocale(LC_MESSAGES, locale))
		(void)setlocale(LC_MESSAGES, "C");
	if (is_c(locale))
		return;
	use_translations();
}

void language_switch_back(struct language_before *before)
{
	set_list(before->list);
	(void)setlocale(LC_MESSAGES, before->locale ? before->locale : "C");
	free(before->locale);
	free(before->list);
	*before = (struct language_before){NULL, NULL};
}

#endif
