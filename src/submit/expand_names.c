/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/expand_names.h"

#include "base/env.h"
#include "base/xalloc.h"
#include "submit/host_names.h"
#include "header/header_recipients.h"

#include <netdb.h>
#include <pwd.h>

void expand_names_release(struct expand_names *n)
{
	free(n->user);
	free(n->host);
	free(n->canonical);
	free(n->from_header);
	free(n->mailname);
	*n = (struct expand_names){.user = NULL};
}

static char *user_name(char *const *env)
{
	const char *vars[] = {"USER", "LOGNAME"};
	for (size_t i = 0; i < ARRAY_SIZE(vars); i++) {
		const char *value = env_get(env, vars[i]);
		if (value && *value)
			return xstrdup(value);
	}
	const struct passwd *pw = getpwuid(geteuid());
	return pw ? xstrdup(pw->pw_name) : NULL;
}

static char *host_name(char *const *env)
{
	char buf[256];
	const char *value = env_get(env, "HOSTNAME");
	if (value && *value)
		return xstrdup(value);
	if (gethostname(buf, sizeof(buf)) != 0)
		return NULL;
	buf[sizeof(buf) - 1] = '\0';
	return xstrdup(buf);
}

static char *canonical_name(const char *host)
{
	struct addrinfo hints = {.ai_flags = AI_CANONNAME, .ai_socktype = SOCK_STREAM}, *found = NULL;
	if (!host || getaddrinfo(host, NULL, &hints, &found) != 0)
		return host ? xstrdup(host) : NULL;
	char *name = xstrdup(found->ai_canonname ? found->ai_canonname : host);
	freeaddrinfo(found);
	return name;
}

static bool needed(const char *const *texts, size_t count, char letter)
{
	for (size_t i = 0; i < count; i++)
		if (texts[i] && expand_needs(texts[i], letter))
			return true;
	return false;
}

void expand_names_find(struct expand_names *n, const char *const *texts, size_t count, const struct header_list *fields,
		       char *const *env)
{
	*n = (struct expand_names){.user = NULL};
	if (needed(texts, count, 'U'))
		n->user = user_name(env);
	if (needed(texts, count, 'H') || needed(texts, count, 'C'))
		n->host = host_name(env);
	if (needed(texts, count, 'C'))
		n->canonical = canonical_name(n->host);
	if (needed(texts, count, 'M'))
		n->mailname = host_names_mailname(MAILNAME_FILE);
	if (needed(texts, count, 'F') && fields)
		(void)!recipients_sender(fields, &n->from_header, NULL); /* absent: expand says what is missing */
	n->values = (struct expand_values){n->user, n->host, n->canonical, n->from_header, n->mailname};
}
