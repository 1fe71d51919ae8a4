/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/known_offers.h"

#include "transport/server.h"

static struct caps_cache_key key_of(const struct account *a, const char *host, unsigned port)
{
	return (struct caps_cache_key){.host = host, .port = port, .tls = account_bool(a, OPT_TLS)};
}

/* What cannot be read is not known. */
static bool find(const struct account *a, const struct runtime *runtime, const char *host, unsigned port,
		 struct caps *caps)
{
	AUTO(error) err = ERROR_INIT;
	const struct caps_cache_key key = key_of(a, host, port);
	return caps_cache_find_offers(runtime, &key, caps, &err);
}

void known_offers_find(const struct account *a, const struct runtime *runtime, struct caps *caps)
{
	const struct strvec *hosts = account_list(a, OPT_HOST);
	if (account_str(a, OPT_SOCKET)) {
		(void)find(a, runtime, account_str(a, OPT_SOCKET), 0, caps);
		return;
	}
	for (size_t i = 0; i < hosts->n; i++)
		if (!server_srv_domain(hosts->v[i]) &&
		    find(a, runtime, hosts->v[i], (unsigned)account_int(a, OPT_PORT), caps))
			return;
}

void known_offers_keep(const struct account *a, const struct runtime *runtime, const struct delivery_result *r)
{
	AUTO(error) err = ERROR_INIT;
	const struct caps_cache_key key = key_of(a, r->host, r->port);
	(void)caps_cache_keep_offers(runtime, &key, &r->caps, PASSED_ON, &err);
}
