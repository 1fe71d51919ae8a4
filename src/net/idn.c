/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/idn.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "net/idn2_lazy.h"

#include <arpa/inet.h>

#define DOMAIN_MAX 253
#define LABEL_MAX 63
#define SHOWN_MAX 255

static bool refuse_domain(struct error *err, struct span domain, const char *why)
{
	AUTO_FREE char *shown = clean_text(domain, SHOWN_MAX);
	(void)error_set(err, ERROR_ADDRESS, _("\"%s\" is not a domain: %s"), shown, why);
	error_hint(err, _("Check the spelling of the part after the \"@\"."));
	return false;
}

/* Server names may contain an underscore, although RFC 1123 does not allow it. */
static bool label_octet(char c)
{
	return ascii_isalnum(c) || c == '-' || c == '_' || (unsigned char)c > 0x7f;
}

/*
 * Refuses what libidn2 would accept or silently correct.  Letters outside ASCII are left to libidn2; length limits
 * are checked on the ASCII form only.
 */
static bool labels_check(struct span domain, struct span shown, bool lengths, struct error *err)
{
	struct span rest = domain, label;
	if (lengths && domain.len > DOMAIN_MAX)
		return refuse_domain(err, shown, _("it is longer than 253 characters"));
	while (span_split(&rest, '.', &label)) {
		if (!label.len)
			return refuse_domain(err, shown, _("a part between dots is empty"));
		if (lengths && label.len > LABEL_MAX)
			return refuse_domain(err, shown, _("a part between dots is longer than 63 characters"));
		for (size_t i = 0; i < label.len; i++)
			if (!label_octet(label.ptr[i]))
				return refuse_domain(
					err, shown,
					_("it contains a character other than letters, digits, \"-\" and \".\""));
		if (label.ptr[0] == '-' || label.ptr[label.len - 1] == '-')
			return refuse_domain(err, shown, _("a part between dots begins or ends with \"-\""));
	}
	return true;
}

/* RFC 5321 section 4.1.3: "[192.0.2.1]", "[IPv6:2001:db8::1]" */
static char *literal_to_ascii(struct span domain, struct error *err)
{
	struct span inside = span_sub(domain, 1, domain.len - (domain.len > 1));
	bool six = span_starts_nocase(inside, "IPv6:");
	unsigned char ip[16];
	AUTO_FREE char *text = six ? xmemdup0(inside.ptr + 5, inside.len - 5) : xmemdup0(inside.ptr, inside.len);
	bool closed = domain.len > 2 && domain.ptr[domain.len - 1] == ']';
	if (!closed || memchr(inside.ptr, '\0', inside.len) || inet_pton(six ? AF_INET6 : AF_INET, text, ip) != 1) {
		(void)refuse_domain(err, domain, _("the text in brackets is not an IP address"));
		return NULL;
	}
	return xmemdup0(domain.ptr, domain.len);
}

char *idn_to_ascii(struct span domain, struct error *err)
{
	struct span shown = domain;
	if (domain.len && domain.ptr[0] == '[')
		return literal_to_ascii(domain, err);
	if (domain.len > 1 && domain.ptr[domain.len - 1] == '.')
		domain.len--;
	bool ascii = utf8_is_ascii(domain);
	if (!utf8_valid(domain)) {
		(void)refuse_domain(err, shown, _("it is not in UTF-8"));
		return NULL;
	}
	if (!labels_check(domain, shown, ascii, err))
		return NULL;
	if (ascii)
		return xmemdup0(domain.ptr, domain.len);
	AUTO_FREE char *text = xmemdup0(domain.ptr, domain.len);
	char *converted = NULL;
	int rc = idn2_to_ascii_8z(text, &converted, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
	if (rc == IDN2_MALLOC)
		xalloc_die();
	if (rc != IDN2_OK) {
		(void)refuse_domain(err, shown, idn2_strerror(rc));
		return NULL;
	}
	/* the mapping may turn other characters into dots, or drop them */
	bool good = utf8_is_ascii(span_of(converted)) ? labels_check(span_of(converted), shown, true, err)
						      : refuse_domain(err, shown, _("it cannot be written in ASCII"));
	char *result = good ? xstrdup(converted) : NULL;
	idn2_free(converted);
	return result;
}

bool idn_address_to_ascii(const char *addr, char **ascii, struct error *err)
{
	const char *at = strrchr(addr, '@'); /* a domain has no "@"; a quoted local part may */
	struct span local = at ? span_make(addr, (size_t)(at - addr)) : span_of(addr);
	if (!utf8_is_ascii(local)) {
		*ascii = NULL;
		return true;
	}
	if (!at) {
		*ascii = xstrdup(addr);
		return true;
	}
	AUTO_FREE char *domain = idn_to_ascii(span_of(at + 1), err);
	if (!domain)
		return false;
	*ascii = xasprintf("%.*s@%s", SPAN_FMT(local), domain);
	return true;
}
