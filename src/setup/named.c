/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/named.h"

#include "base/xalloc.h"

void candidates_add_usual(const char *host, struct candidates *out)
{
	AUTO_FREE char *name = xstrdup(host);
	struct candidate c = {
		.host = name, .port = 465, .mode = SETUP_TLS, .source = SETUP_NAMED, .login = SETUP_PASSWORD};
	candidates_add(out, &c);
	c.port = 587;
	c.mode = SETUP_STARTTLS;
	candidates_add(out, &c);
}

bool candidates_named(const struct account *given, struct candidates *out)
{
	const struct strvec *hosts = given ? account_list(given, OPT_HOST) : NULL;
	if (!hosts || !hosts->n)
		return false;
	if (!account_is_set(given, OPT_PORT)) {
		candidates_add_usual(hosts->v[0], out);
		return true;
	}
	unsigned port = (unsigned)account_int(given, OPT_PORT);
	bool starttls = account_is_set(given, OPT_TLS_STARTTLS) ? account_bool(given, OPT_TLS_STARTTLS) : port != 465;
	struct candidate c = {.host = hosts->v[0],
			      .port = port,
			      .mode = starttls ? SETUP_STARTTLS : SETUP_TLS,
			      .source = SETUP_NAMED,
			      .login = SETUP_PASSWORD};
	candidates_add(out, &c);
	return true;
}
