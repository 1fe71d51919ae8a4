/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dns/name.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "net/idn.h"

bool dns_name_is_host(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!ascii_isalnum(*p) && *p != '-' && *p != '.' && *p != '_')
			return false;
	return *name && *name != '.' && *name != '-';
}

char *dns_name_ascii(const char *name, struct error *err)
{
	struct span sp = span_of(name);
	if (sp.len && sp.ptr[sp.len - 1] == '.')
		sp.len--;
	char *ascii = utf8_is_ascii(sp) ? xmemdup0(sp.ptr, sp.len) : idn_to_ascii(sp, err);
	if (!ascii && err)
		err->status.kind = ERROR_HOST_UNKNOWN;
	if (ascii && dns_name_is_host(ascii) && strlen(ascii) <= DNS_NAME_MAX)
		return ascii;
	if (ascii) {
		AUTO_FREE char *shown = clean_text(sp, DNS_NAME_MAX);
		(void)error_set(err, ERROR_HOST_UNKNOWN, _("\"%s\" is not a domain"), shown);
	}
	free(ascii);
	return NULL;
}
