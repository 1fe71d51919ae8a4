/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/match.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <fnmatch.h>

static bool is_pattern(const char *s)
{
	return strpbrk(s, "?*[") != NULL;
}

/* user+detail@domain as user@domain, malloc'ed; NULL if there is no detail. */
static char *without_detail(const char *address)
{
	const char *plus = strchr(address, '+'), *at = strrchr(address, '@');
	if (!plus || !at || plus > at)
		return NULL;
	return xasprintf("%.*s%s", (int)(plus - address), address, at);
}

/* True if the address matches, with its detail or without it. */
static bool matches(const char *pattern, const char *address, bool (*test)(const char *pattern, const char *address))
{
	if (test(pattern, address))
		return true;
	AUTO_FREE char *plain = strchr(pattern, '+') ? NULL : without_detail(address);
	return plain && test(pattern, plain);
}

/* As in msmtp, addresses are compared without regard to case, patterns with regard to it. */
static bool test_from(const char *from, const char *sender)
{
	if (ascii_strcasecmp(from, sender) == 0)
		return true;
	return is_pattern(from) && fnmatch(from, sender, 0) == 0;
}

static bool test_pattern(const char *pattern, const char *address)
{
	if (!*address && strcmp(pattern, "<>") == 0)
		return true;
	return fnmatch(pattern, address, FNM_CASEFOLD) == 0;
}

/* The first pattern that the address matches, or NULL. */
static const char *first_matching(const struct strvec *patterns, const char *address)
{
	for (size_t i = 0; i < patterns->n; i++)
		if (matches(patterns->v[i], address, test_pattern))
			return patterns->v[i];
	return NULL;
}

static bool all_match(const struct strvec *patterns, const struct strvec *recipients)
{
	for (size_t i = 0; recipients && i < recipients->n; i++)
		if (!first_matching(patterns, recipients->v[i]))
			return false;
	return recipients && recipients->n;
}

static bool matches_from(const struct account *a, const char *sender, char **why)
{
	const char *from = account_is_set(a, OPT_FROM) ? account_str(a, OPT_FROM) : NULL;
	if (!sender || !from || !*from || !matches(from, sender, test_from))
		return false;
	*why = xasprintf(_("account %s has the sender %s, which %s matches"), a->name, from, sender);
	return true;
}

bool match_account(const struct account *a, const char *sender, const struct strvec *recipients, char **why)
{
	bool ask_from = account_is_set(a, OPT_MATCH_FROM), ask_to = account_is_set(a, OPT_MATCH_TO);
	if (matches_from(a, sender, why))
		return true;
	if (!ask_from && !ask_to)
		return false;
	const char *pattern = ask_from && sender ? first_matching(account_list(a, OPT_MATCH_FROM), sender) : NULL;
	if ((ask_from && !pattern) || (ask_to && !all_match(account_list(a, OPT_MATCH_TO), recipients)))
		return false;
	AUTO_FREE char *to = strvec_join(account_list(a, OPT_MATCH_TO), " ");
	if (ask_from && ask_to)
		*why = xasprintf(_("account %s is for senders like %s and recipients like %s, and all of them match"),
				 a->name, pattern, to);
	else if (ask_from)
		*why = xasprintf(_("account %s is for senders like %s, which %s matches"), a->name, pattern,
				 *sender ? sender : "<>");
	else
		*why = xasprintf(_("account %s is for recipients like %s, which all recipients match"), a->name, to);
	return true;
}
