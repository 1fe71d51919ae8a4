/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_syntax.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

bool syntax_utf8(const char *s, size_t len)
{
	const unsigned char *p = (const unsigned char *)s, *end = p + len;

	while (p < end) {
		unsigned char c = *p++;
		int more = c < 0x80		   ? 0
			   : c >= 0xc2 && c < 0xe0 ? 1
			   : (c & 0xf0) == 0xe0	   ? 2
			   : c >= 0xf0 && c < 0xf5 ? 3
						   : -1;

		if (more < 0 || end - p < more)
			return false;
		/* overlong forms, surrogates, beyond U+10FFFF */
		if ((c == 0xe0 && p[0] < 0xa0) || (c == 0xed && p[0] > 0x9f) || (c == 0xf0 && p[0] < 0x90) ||
		    (c == 0xf4 && p[0] > 0x8f))
			return false;
		for (; more; more--)
			if ((*p++ & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static bool is_high(char c)
{
	return (unsigned char)c >= 0x80;
}

/* RFC 5322 atext */
static bool is_atext(char c, bool utf8)
{
	if (is_high(c))
		return utf8;
	return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

/* address-literal = "[" ( IPv4 / "IPv6:" IPv6 / tag ":" 1*dcontent ) "]" */
static const char *check_literal(const char *s, size_t len)
{
	char text[64];
	unsigned char addr[16];

	if (len < 3 || s[len - 1] != ']')
		return "address literal without its closing bracket";
	if (len - 2 >= sizeof text)
		return "address literal too long";
	memcpy(text, s + 1, len - 2);
	text[len - 2] = '\0';
	if (!strncasecmp(text, "IPv6:", 5))
		return inet_pton(AF_INET6, text + 5, addr) == 1 ? NULL : "bad IPv6 address literal";
	return inet_pton(AF_INET, text, addr) == 1 ? NULL : "bad IPv4 address literal";
}

const char *syntax_domain(const char *s, size_t len, bool utf8)
{
	size_t label = 0;

	if (!len)
		return "empty domain";
	if (*s == '[')
		return check_literal(s, len);
	if (len > 255)
		return "domain longer than 255 octets";
	for (size_t i = 0; i <= len; i++) {
		if (i == len || s[i] == '.') {
			if (!label)
				return "empty label in a domain";
			if (s[i - 1] == '-' || s[i - label] == '-')
				return "label of a domain begins or ends with a hyphen";
			if (label > 63)
				return "label of a domain longer than 63 octets";
			label = 0;
		} else if (isalnum((unsigned char)s[i]) || s[i] == '-' || (is_high(s[i]) && utf8)) {
			label++;
		} else {
			return is_high(s[i]) ? "non-ASCII octet in a domain without SMTPUTF8"
					     : "forbidden character in a domain";
		}
	}
	return NULL;
}

/* Quoted-string = DQUOTE *( qtextSMTP / "\" %d32-126 ) DQUOTE; returns after it, or NULL. */
static const char *skip_quoted(const char *p, bool utf8)
{
	for (p++; *p && *p != '"'; p++) {
		if (*p == '\\' && p[1] >= 32 && p[1] <= 126)
			p++;
		else if (*p == '\\' || (unsigned char)*p < 32 || *p == 127 || (is_high(*p) && !utf8))
			return NULL;
	}
	return *p == '"' ? p + 1 : NULL;
}

/* Dot-string = Atom *("." Atom); returns after it, or NULL. */
static const char *skip_dot_string(const char *p, bool utf8)
{
	for (;;) {
		const char *start = p;

		while (is_atext(*p, utf8))
			p++;
		if (p == start)
			return NULL;
		if (*p != '.')
			return p;
		p++;
	}
}

const char *syntax_path(const char *arg, bool utf8, const char **path, size_t *path_len, const char **params)
{
	const char *p = arg, *domain, *wrong;

	if (*p != '<')
		return *p == ' ' ? "blank after the colon" : "address without angle brackets";
	*path = ++p;
	if (*p == '@')
		return "source route";
	if (*p != '>') {
		p = *p == '"' ? skip_quoted(p, utf8) : skip_dot_string(p, utf8);
		if (!p)
			return "bad local part";
		if (p - *path > 64)
			return "local part longer than 64 octets";
		if (*p == '@') {
			domain = ++p;
			p += strcspn(p, "> ");
			if ((wrong = syntax_domain(domain, (size_t)(p - domain), utf8)))
				return wrong;
		} else if (p - *path != 10 || strncasecmp(*path, "postmaster", 10)) {
			return "address without a domain";
		}
	}
	if (*p != '>')
		return "no closing angle bracket after the address";
	*path_len = (size_t)(p - *path);
	if (*path_len > 254)
		return "path longer than 256 octets";
	if (!syntax_utf8(*path, *path_len))
		return "address is not valid UTF-8";
	p++;
	if (*p && *p != ' ')
		return "no blank between address and parameters";
	*params = *p ? p + 1 : p;
	if (*p && !**params)
		return "blank at the end of the line";
	return NULL;
}

const char *syntax_xtext(const char *s)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *s; s++) {
		if (*s == '+') {
			if (!s[1] || !strchr(digits, s[1]) || !s[2] || !strchr(digits, s[2]))
				return "bad hexadecimal escape in xtext";
			s += 2;
		} else if (*s < 33 || *s > 126 || *s == '=') {
			return "forbidden character in xtext";
		}
	}
	return NULL;
}
