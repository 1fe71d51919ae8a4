/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 *	Mailbox        = Local-part "@" ( Domain / address-literal )	RFC 5321 section 4.1.2
 *	Local-part     = Dot-string / Quoted-string
 *	Quoted-string  = DQUOTE *QcontentSMTP DQUOTE
 *	QcontentSMTP   = qtextSMTP / quoted-pairSMTP
 *
 * with UTF-8 wherever a letter is allowed (RFC 6531 section 3.3). An address from the command line goes into an SMTP
 * command only after this check: it cannot end the command or the angle brackets.
 */
#include "address/address_check.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/utf8.h"

#include <stdint.h>

#define QUOTE_MAX 60
#define LOCAL_MAX 256
#define ADDRESS_MAX 1000

bool address_is_atext(char c)
{
	return !ascii_iscntrl(c) && !strchr("()<>[]:;@\\,.\" ", c);
}

/* The length of a quoted-string at the start of sp, 0 if it does not end. */
static size_t quoted_length(struct span sp)
{
	for (size_t i = 1; i < sp.len; i++) {
		if (sp.ptr[i] == '\\')
			i++;
		else if (sp.ptr[i] == '"')
			return i + 1;
	}
	return 0;
}

void address_split(struct span addr, struct span *local, struct span *domain)
{
	size_t at = addr.len;
	for (size_t i = 0; i < addr.len; i++) {
		if (addr.ptr[i] == '"') {
			size_t n = quoted_length(span_sub(addr, i, addr.len));
			if (!n)
				break;
			i += n - 1;
		} else if (addr.ptr[i] == '@') {
			at = i;
		}
	}
	*local = span_sub(addr, 0, at);
	*domain = at < addr.len ? span_sub(addr, at + 1, addr.len) : (struct span){NULL, 0};
}

/* fmt has one %s, for the address. */
static bool refuse(struct span addr, struct error *err, const char *fmt)
{
	AUTO_FREE char *clean =
		clean_text(span_sub(addr, 0, addr.len < 2 * QUOTE_MAX ? addr.len : 2 * QUOTE_MAX), QUOTE_MAX);
	return error_set(err, ERROR_ADDRESS, fmt, clean);
}

/* Whether it is valid UTF-8 without control characters, which include C1 (U+0080 to U+009F). */
static bool is_clean(struct span addr)
{
	uint32_t cp;
	for (size_t i = 0, n; i < addr.len; i += n) {
		n = utf8_decode(span_sub(addr, i, addr.len), &cp);
		if (!n || cp < 0x20 || (cp >= 0x7f && cp < 0xa0))
			return false;
	}
	return true;
}

static bool is_local(struct span local)
{
	if (local.ptr[0] == '"')
		return quoted_length(local) == local.len;
	for (size_t i = 0; i < local.len; i++)
		if (local.ptr[i] != '.' && !address_is_atext(local.ptr[i]))
			return false;
	return true;
}

static bool is_domain(struct span domain)
{
	if (!domain.len)
		return false;
	if (domain.ptr[0] == '[') {
		if (domain.len < 3 || domain.ptr[domain.len - 1] != ']')
			return false;
		for (size_t i = 1; i + 1 < domain.len; i++)
			if (strchr("[]\\ <>\"@", domain.ptr[i]))
				return false;
		return true;
	}
	for (size_t i = 0; i < domain.len; i++) {
		bool dot = domain.ptr[i] == '.';
		if (dot ? i == 0 || i + 1 == domain.len || domain.ptr[i + 1] == '.' : !address_is_atext(domain.ptr[i]))
			return false;
	}
	return true;
}

bool address_check(struct span addr, bool null_ok, struct error *err)
{
	struct span local, domain;

	if (!addr.len)
		return null_ok || error_set(err, ERROR_ADDRESS, _("an empty address"));
	if (addr.len > ADDRESS_MAX)
		return refuse(addr, err, _("the address \"%s\" is too long"));
	if (!is_clean(addr))
		return refuse(addr, err,
			      _("a control character, or an octet that is not UTF-8, in the address \"%s\""));
	address_split(addr, &local, &domain);
	if (!local.len)
		return refuse(addr, err, _("nothing before the \"@\" in the address \"%s\""));
	if (local.len > LOCAL_MAX)
		return refuse(addr, err, _("the part before the \"@\" is too long in the address \"%s\""));
	if (!is_local(local))
		return refuse(addr, err, _("a character that must be quoted in the address \"%s\""));
	if (domain.ptr && !is_domain(domain))
		return refuse(addr, err, _("no valid domain after the \"@\" in the address \"%s\""));
	return true;
}
