/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/place.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "transport/connect.h"

/* "work, FILE, line 3" */
static char *named(const struct account *a)
{
	if (a->defined.kind != ORIGIN_FILE && a->defined.kind != ORIGIN_ENVIRONMENT)
		return xstrdup(account_title(a));
	AUTO_FREE char *origin = origin_text(&a->defined);
	return xasprintf("%s, %s", account_title(a), origin);
}

char *place_of(const struct account *account, const struct delivery_result *r)
{
	if (!r->host)
		return NULL;
	AUTO_FREE char *name = named(account);
	const char *proxy = account_str(account, OPT_PROXY_HOST);
	if (!r->port)
		return xasprintf(_("socket %s, account %s"), r->host, name);
	if (proxy && *proxy)
		return xasprintf(_("server %s port %u through proxy %s port %u, account %s"), r->host, r->port, proxy,
				 connect_proxy_port(account), name);
	return xasprintf(_("server %s port %u, account %s"), r->host, r->port, name);
}
