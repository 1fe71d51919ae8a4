/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/ehlo_name.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "net/idn.h"

#include <arpa/inet.h>

/* "192.0.2.1", "2001:db8::1", with or without brackets and tag; NULL if it is not an IP address. */
static char *literal_of(struct span text)
{
	unsigned char ip[16];
	if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']')
		text = span_sub(text, 1, text.len - 1);
	bool tagged = span_starts_nocase(text, "IPv6:");
	if (tagged)
		text = span_sub(text, 5, text.len);
	AUTO_FREE char *address = xmemdup0(text.ptr, text.len);
	if (!tagged && inet_pton(AF_INET, address, ip) == 1)
		return xasprintf("[%s]", address);
	return inet_pton(AF_INET6, address, ip) == 1 ? xasprintf("[IPv6:%s]", address) : NULL;
}

/* No top-level domain is a number (RFC 3696 section 2): this is a mistyped address. */
static bool ends_in_number(const char *domain)
{
	const char *dot = strrchr(domain, '.');
	return dot && !dot[1 + strspn(dot + 1, "0123456789")];
}

static char *canonical(const char *text, struct error *err)
{
	char *literal = literal_of(span_of(text));
	if (literal)
		return literal;
	char *domain = idn_to_ascii(span_of(text), err);
	if (!domain || !ends_in_number(domain))
		return domain;
	(void)error_set(err, ERROR_CONFIG, _("\"%s\" is neither a domain nor an IP address"), domain);
	free(domain);
	return NULL;
}

bool ehlo_name_settle(struct account *a, struct error *err)
{
	struct origin origin = *account_origin(a, OPT_DOMAIN);
	if (!account_is_set(a, OPT_DOMAIN))
		return true;
	AUTO_FREE char *name = canonical(account_str(a, OPT_DOMAIN), err);
	if (name)
		return strcmp(name, account_str(a, OPT_DOMAIN)) == 0 ||
		       account_set(a, OPT_DOMAIN, span_of(name), origin, err);
	AUTO_FREE char *where = origin_text(&origin);
	error_prefix(err, "%s: %s", where, option_table[OPT_DOMAIN].command);
	if (err)
		err->status.kind = origin.kind == ORIGIN_COMMAND_LINE ? ERROR_USAGE : ERROR_CONFIG;
	error_hint(err, _("Write the name of this machine in the DNS, or an IP address in brackets: [192.0.2.1]."));
	return false;
}
