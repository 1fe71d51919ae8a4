/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/value_check.h"

#include "address/envelope.h"
#include "base/clean_text.h"
#include "base/datetime.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "config/expected.h"
#include "config/value.h"
#include "oauth/url.h"
#include "tls/pin.h"

#include <arpa/inet.h>

static bool has_space(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (ascii_isblank(text.ptr[i]))
			return true;
	return false;
}

bool check_host(struct span text, struct strbuf *canonical, struct error *err)
{
	if (!text.len || has_space(text) || text.ptr[0] == '-')
		return check_expected(err, _("the name or address of a server"), text);
	if (span_equals_str_nocase(text, "srv:"))
		return check_expected(err, _("a domain after srv:"), text);
	strbuf_add_span(canonical, text);
	return true;
}

static bool is_port(struct span text)
{
	unsigned long long port;
	return span_to_u64(text, &port) && port >= 1 && port <= 65535;
}

bool check_resolver(struct span text, struct strbuf *canonical, struct error *err)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	struct span rest = text, address;
	bool good = span_split(&rest, '@', &address);
	AUTO_FREE char *a = xmemdup0(address.ptr, address.len);
	good = good && strlen(a) == address.len &&
	       (inet_pton(AF_INET, a, bytes) == 1 || inet_pton(AF_INET6, a, bytes) == 1);
	if (!good || (address.len < text.len && !is_port(rest)))
		return check_expected(err, _("the address of a name server, or ADDRESS@PORT"), text);
	strbuf_add_span(canonical, text);
	return true;
}

bool check_domain(struct span text, struct strbuf *canonical, struct error *err)
{
	if (!text.len || has_space(text))
		return check_expected(err, _("a host name without spaces"), text);
	strbuf_add_span(canonical, text);
	return true;
}

bool check_from(struct span text, struct strbuf *canonical, struct error *err)
{
	struct span address = span_trim(text);
	if (!address.len)
		return check_expected(err, _("an address, or <> for the null sender"), text);
	const char *open = memrchr(address.ptr, '<', address.len);
	bool closed = address.ptr[address.len - 1] == '>';
	if (open && closed) /* after a display name, or alone */
		address = span_sub(address, (size_t)(open - address.ptr) + 1, address.len - 1);
	for (size_t i = 0; i < address.len; i++)
		if (address.ptr[i] == '<' || address.ptr[i] == '>')
			return check_expected(err, _("an address, or <> for the null sender"), text);
	strbuf_add_span(canonical, address);
	return true;
}

static int hex_digit(char c)
{
	c = ascii_lower(c);
	if (ascii_isdigit(c))
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/*
 * Pairs of digits, with a colon, a space or nothing between them.
 */
bool check_fingerprint(struct span text, struct strbuf *canonical, struct error *err)
{
	static const char digits[] = "0123456789ABCDEF";
	AUTO(strbuf) out = STRBUF_INIT;
	size_t bytes = 0, i = 0;
	while (i < text.len) {
		int high = hex_digit(text.ptr[i]), low = i + 1 < text.len ? hex_digit(text.ptr[i + 1]) : -1;
		if (high < 0 || low < 0)
			return check_expected(err, _("pairs of hex digits separated by colons"), text);
		if (bytes++)
			strbuf_addch(&out, ':');
		strbuf_addch(&out, digits[high]);
		strbuf_addch(&out, digits[low]);
		i += 2;
		if (i + 1 < text.len && (text.ptr[i] == ':' || text.ptr[i] == ' '))
			i++;
	}
	if (bytes != 32 && bytes != 20 && bytes != 16)
		return error_set(
			err, ERROR_CONFIG,
			_("expected a fingerprint of 32 bytes in hex (SHA-256; 20 for SHA-1, 16 for MD5), got %zu"),
			bytes);
	strbuf_add_span(canonical, strbuf_span(&out));
	return true;
}

bool check_pin(struct span text, struct strbuf *canonical, struct error *err)
{
	unsigned char pin[TLS_PIN_BYTES];
	if (!tls_pin_parse(text, pin))
		return check_expected(err, _("sha256// and 32 bytes in base64 (44 characters)"), text);
	strbuf_add_span(canonical, text);
	return true;
}

bool check_dsn_notify(struct span text, struct strbuf *canonical, struct error *err)
{
	static const char *const events[] = {"failure", "delay", "success"};
	AUTO(strbuf) out = STRBUF_INIT;
	bool seen[ARRAY_SIZE(events)] = {false};
	struct span rest = text, part;
	if (span_equals_str_nocase(text, "off") || span_equals_str_nocase(text, "never")) {
		for (size_t i = 0; i < text.len; i++)
			strbuf_addch(canonical, ascii_lower(text.ptr[i]));
		return true;
	}
	while (span_split(&rest, ',', &part)) {
		size_t e = 0;
		part = span_trim(part);
		while (e < ARRAY_SIZE(events) && !span_equals_str_nocase(part, events[e]))
			e++;
		if (e == ARRAY_SIZE(events) || seen[e])
			return check_expected(err, _("off, never, or a list of failure, delay and success"), text);
		seen[e] = true;
		if (out.len)
			strbuf_addch(&out, ',');
		strbuf_adds(&out, events[e]);
	}
	strbuf_add_span(canonical, strbuf_span(&out));
	return true;
}

bool check_extension(struct span text, struct strbuf *canonical, struct error *err)
{
	bool all = span_equals_str_nocase(text, "all"), good = text.len && ascii_isalnum(text.ptr[0]);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		good &= ascii_isalnum(c) || c == '-';
		strbuf_addch(canonical, all ? ascii_lower(c) : ascii_upper(c));
	}
	return good || check_expected(err, _("keywords of EHLO such as CHUNKING, separated by spaces, or all"), text);
}

bool check_credential(struct span text, struct strbuf *canonical, struct error *err)
{
	if (!text.len || memchr(text.ptr, '/', text.len) || span_equals_str(text, ".") || span_equals_str(text, ".."))
		return check_expected(err, _("the name of a credential, without a slash"), text);
	strbuf_add_span(canonical, text);
	return true;
}

bool check_envid(struct span text, struct strbuf *canonical, struct error *err)
{
	if (!envelope_envid_check(text))
		return check_expected(
			err,
			_("1 to 100 printable ASCII characters, in which a space, \"+\" and \"=\" count three times"),
			text);
	strbuf_add_span(canonical, text);
	return true;
}

bool check_hold_until(struct span text, struct strbuf *canonical, struct error *err)
{
	int64_t when;
	if (!datetime_parse_local(text, 0, &when))
		return check_expected(err, _("a time such as 18:00, 2026-12-24T18:00 or 2026-12-24T17:00:00Z"), text);
	strbuf_add_span(canonical, text);
	return true;
}

bool check_mail_auth(struct span text, struct strbuf *canonical, struct error *err)
{
	struct span address = text;
	if (text.len >= 2 && text.ptr[0] == '<' && text.ptr[text.len - 1] == '>')
		address = span_sub(text, 1, text.len - 1);
	else if (!text.len)
		return check_expected(err, _("a mailbox, or <> for none"), text);
	for (size_t i = 0; i < address.len; i++)
		if (address.ptr[i] == '<' || address.ptr[i] == '>')
			return check_expected(err, _("a mailbox, or <> for none"), text);
	if (address.len && !memchr(address.ptr, '@', address.len)) /* the server does not know our local names */
		return check_expected(err, _("a mailbox, or <> for none"), text);
	strbuf_add_span(canonical, address);
	return true;
}

bool check_retry_time(struct span text, struct strbuf *canonical, struct error *err)
{
	struct value v = {.set = false};
	bool ok = value_parse(&option_table[OPT_QUEUE_LIFETIME], text, &v, NULL) && v.n > 0;
	value_release(&v);
	if (!ok)
		return check_expected(err, _("a time such as 30s, 5m or 2h"), text);
	strbuf_add_span(canonical, text);
	return true;
}

bool check_batch(struct span text, struct strbuf *canonical, struct error *err)
{
	static const char *const kinds[] = {"mbox:", "maildir:"};
	bool ok = span_equals_str(text, "smtp");
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		ok = ok || (text.len > strlen(kinds[i]) && memcmp(text.ptr, kinds[i], strlen(kinds[i])) == 0);
	if (!ok)
		return check_expected(err, _("mbox:FILE, maildir:FOLDER or smtp"), text);
	strbuf_add_span(canonical, text);
	return true;
}

/* No relative path: the queue's runner works in another folder. */
bool check_archive(struct span text, struct strbuf *canonical, struct error *err)
{
	static const char scheme[] = "maildir:";
	size_t len = strlen(scheme);
	bool ok = text.len > len && memcmp(text.ptr, scheme, len) == 0;
	if (!text.len) /* none */
		return true;
	if (!ok ||
	    !(text.ptr[len] == '/' || (text.ptr[len] == '~' && (text.len == len + 1 || text.ptr[len + 1] == '/'))))
		return check_expected(err, _("maildir: and an absolute path, or one that begins with ~/"), text);
	strbuf_add_span(canonical, text);
	return true;
}

bool check_oauth_url(struct span text, struct strbuf *canonical, struct error *err)
{
	if (!oauth_url_valid(text))
		return check_expected(err, _("an address that begins with https://"), text);
	strbuf_add_span(canonical, text);
	return true;
}

bool check_oauth_word(struct span text, struct strbuf *canonical, struct error *err)
{
	struct span word = span_trim(text);
	for (size_t i = 0; i < word.len; i++)
		if (word.ptr[i] < ' ' || word.ptr[i] > '~')
			return check_expected(err, _("visible ASCII characters"), text);
	strbuf_add_span(canonical, word);
	return true;
}

bool check_oauth_tenant(struct span text, struct strbuf *canonical, struct error *err)
{
	if (text.len && !oauth_tenant_valid(text))
		return check_expected(err, _("a name, a domain or an id of letters, digits, \"-\" and \".\""), text);
	strbuf_add_span(canonical, text);
	return true;
}

bool check_service_sender(struct span text, struct strbuf *canonical, struct error *err)
{
	bool word = span_equals_str(text, "keep") || span_equals_str(text, "force");
	if (!word && (!span_starts_nocase(text, "user@") || text.len == strlen("user@") || has_space(text)))
		return check_expected(err, _("keep, force, or user@ and a domain"), text);
	strbuf_add_span(canonical, text);
	return true;
}
