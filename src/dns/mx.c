/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dns/mx.h"

#include "base/xalloc.h"
#include "dns/name.h"

struct best {
	unsigned preference;
	char *host; /* NULL: none yet */
};

/* RDATA = preference exchange (RFC 1035 section 3.3.9).  The root means that the domain takes no mail. */
static bool take_record(void *arg, const struct dns_message *m, const unsigned char *data, size_t len)
{
	struct best *best = arg;
	char host[DNS_NAME_ROOM];
	if (len < 3 || !dns_message_name(m, data + 2, host))
		return false;
	unsigned preference = dns_message_number(data);
	if (!dns_name_is_host(host) || (best->host && preference >= best->preference))
		return true;
	xreplace(&best->host, host);
	best->preference = preference;
	return true;
}

bool mx_find(const struct runtime *runtime, const char *domain, msec_t deadline, char **host, struct error *err)
{
	AUTO_FREE char *ascii = dns_name_ascii(domain, err);
	struct best best = {0, NULL};
	bool secure;
	if (!ascii)
		return false;
	const struct dns_question question = {ascii, DNS_MX};
	if (!dns_lookup(runtime, &question, deadline, take_record, &best, &secure, err)) {
		free(best.host);
		return false;
	}
	*host = best.host;
	return true;
}
