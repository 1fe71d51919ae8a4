/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/autoconfig.h"

#include "base/clean_text.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "dns/name.h"
#include "setup/xml.h"

#define TEXT_MAX 500
#define USER_MAX 320

static void server_release(struct autoconfig_server *s)
{
	free(s->host);
	free(s->user);
	*s = (struct autoconfig_server){.host = NULL};
}

void autoconfig_release(struct autoconfig *a)
{
	for (size_t i = 0; i < a->n; i++)
		server_release(&a->v[i]);
	free(a->provider);
	free(a->enable);
	free(a->enable_url);
	*a = AUTOCONFIG_INIT;
}

/* ---- values ---- */

struct place {
	const char *mark;
	struct span text;
};

/* Appends text with the parts of the address in the place of their marks. */
static void substitute(struct span text, const char *address, struct strbuf *out)
{
	const char *at = strrchr(address, '@');
	const struct place places[] = {
		{"%EMAILADDRESS%", span_of(address)},
		{"%EMAILLOCALPART%", span_make(address, at ? (size_t)(at - address) : strlen(address))},
		{"%EMAILDOMAIN%", span_of(at ? at + 1 : "")},
	};
	while (text.len) {
		size_t i = 0, skip = 1;
		while (i < ARRAY_SIZE(places) && !span_starts_nocase(text, places[i].mark))
			i++;
		if (i < ARRAY_SIZE(places)) {
			strbuf_add_span(out, places[i].text);
			skip = strlen(places[i].mark);
		} else {
			strbuf_addch(out, text.ptr[0]);
		}
		text = span_sub(text, skip, text.len);
	}
}

/* The host's name in ASCII; NULL if it is none. */
static char *read_host(const char *text)
{
	AUTO_FREE char *ascii = dns_name_ascii(text, NULL);
	return ascii && *ascii && strchr(ascii, '.') && dns_name_is_host(ascii) ? steal_ptr(ascii) : NULL;
}

/* A login name is one line that can be shown. */
static char *read_user(struct span text)
{
	for (size_t i = 0, n; i < text.len; i += n)
		if (!(n = utf8_printable(span_sub(text, i, text.len))))
			return NULL;
	return text.len && text.len <= USER_MAX ? xmemdup0(text.ptr, text.len) : NULL;
}

static bool read_mode(struct span text, enum setup_mode *mode)
{
	if (span_equals_str_nocase(text, "SSL") || span_equals_str_nocase(text, "TLS") ||
	    span_equals_str_nocase(text, "SMTPS"))
		*mode = SETUP_TLS;
	else if (span_equals_str_nocase(text, "STARTTLS"))
		*mode = SETUP_STARTTLS;
	else if (span_equals_str_nocase(text, "plain"))
		*mode = SETUP_PLAIN;
	else
		return false;
	return true;
}

/* The words that mean a password (with their older spellings), OAuth2, and no login.  What is not known is passed over:
 * the server's own list decides in the end. */
static unsigned read_login(struct span text, bool *none)
{
	static const char *const passwords[] = {
		"password-cleartext", "plain",	     "password-encrypted", "secure", "LOGIN",
		"CRAM-MD5",	      "SCRAM-SHA-1", "SCRAM-SHA-256"};
	for (size_t i = 0; i < ARRAY_SIZE(passwords); i++)
		if (span_equals_str_nocase(text, passwords[i]))
			return SETUP_PASSWORD;
	if (span_equals_str_nocase(text, "OAuth2") || span_equals_str_nocase(text, "OAuth") ||
	    span_equals_str_nocase(text, "OAUTHBEARER") || span_equals_str_nocase(text, "XOAUTH2"))
		return SETUP_OAUTH;
	if (span_equals_str_nocase(text, "none") || span_equals_str_nocase(text, "smtp-after-pop") ||
	    span_equals_str_nocase(text, "client-IP-address"))
		*none = true;
	return 0;
}

/* ---- the file ---- */

struct reading {
	struct xml xml;
	const char *address;
	struct autoconfig a;
	struct strbuf text;	 /* of the innermost element */
	unsigned server, enable; /* depth of these elements; 0: outside */
	struct autoconfig_server now;
	bool has_mode, no_login, skipped;
};

static void begin_element(struct reading *r)
{
	AUTO(strbuf) value = STRBUF_INIT;
	const struct xml *x = &r->xml;
	strbuf_reset(&r->text);
	if (span_equals_str(x->name, "outgoingServer") && !r->server) {
		r->server = x->depth;
		r->skipped = xml_attribute(x, "type", &value) &&
			     !span_equals_str_nocase(span_trim(strbuf_span(&value)), "smtp");
		r->has_mode = r->no_login = false;
	} else if (span_equals_str(x->name, "enable") && !r->enable) {
		r->enable = x->depth;
		if (xml_attribute(x, "visiturl", &value) && !r->a.enable_url &&
		    span_starts_nocase(strbuf_span(&value), "https://"))
			r->a.enable_url = clean_text(span_trim(strbuf_span(&value)), TEXT_MAX);
	}
}

static void end_of_server_value(struct reading *r, struct span value)
{
	struct autoconfig_server *s = &r->now;
	struct span name = r->xml.name;
	unsigned long long port;
	if (span_equals_str(name, "hostname") && !s->host) {
		AUTO_FREE char *text = xmemdup0(value.len ? value.ptr : "", value.len);
		s->host = strlen(text) == value.len ? read_host(text) : NULL;
	} else if (span_equals_str(name, "port") && !s->port && span_to_u64(value, &port) && port && port < 65536) {
		s->port = (unsigned)port;
	} else if (span_equals_str(name, "socketType") && !r->has_mode) {
		r->has_mode = read_mode(value, &s->mode);
	} else if (span_equals_str(name, "username") && !s->user) {
		s->user = read_user(value);
	} else if (span_equals_str(name, "authentication")) {
		s->login |= read_login(value, &r->no_login);
	}
}

static void end_server(struct reading *r)
{
	struct autoconfig_server *s = &r->now;
	r->server = 0;
	if (!s->login && !r->no_login)
		s->login = SETUP_PASSWORD;
	if (s->host && s->port && r->has_mode && !r->skipped && r->a.n < AUTOCONFIG_SERVERS_MAX) {
		r->a.v[r->a.n++] = *s;
		*s = (struct autoconfig_server){.host = NULL};
	} else {
		server_release(s);
	}
}

static void set_text(char **to, struct span value)
{
	if (!*to && value.len)
		*to = clean_text(value, TEXT_MAX);
}

static void end_element(struct reading *r)
{
	AUTO(strbuf) value = STRBUF_INIT;
	unsigned depth = r->xml.depth + 1;
	substitute(span_trim(strbuf_span(&r->text)), r->address, &value);
	if (depth == r->server)
		end_server(r);
	else if (r->server)
		end_of_server_value(r, span_trim(strbuf_span(&value)));
	else if (depth == r->enable)
		r->enable = 0;
	else if (r->enable && span_equals_str(r->xml.name, "instruction"))
		set_text(&r->a.enable, strbuf_span(&value));
	else if (span_equals_str(r->xml.name, "displayName"))
		set_text(&r->a.provider, strbuf_span(&value));
	strbuf_reset(&r->text);
}

static bool read_all(struct reading *r)
{
	AUTO(strbuf) part = STRBUF_INIT;
	for (;;) {
		switch (xml_next(&r->xml, &part)) {
		case XML_OPEN: begin_element(r); break;
		case XML_TEXT: strbuf_add_span(&r->text, strbuf_span(&part)); break;
		case XML_CLOSE: end_element(r); break;
		case XML_END: return r->a.n > 0;
		case XML_WRONG: return false;
		}
	}
}

bool autoconfig_read(struct span file, const char *address, struct autoconfig *out)
{
	AUTO(strbuf) utf8 = STRBUF_INIT;
	struct reading r = {.address = address, .a = AUTOCONFIG_INIT, .text = STRBUF_INIT};
	if (!xml_to_utf8(file, &utf8))
		return false;
	xml_init(&r.xml, strbuf_span(&utf8));
	bool ok = read_all(&r);
	strbuf_release(&r.text);
	server_release(&r.now);
	if (ok)
		*out = r.a;
	else
		autoconfig_release(&r.a);
	return ok;
}

bool autoconfig_is_page(struct span file)
{
	struct span text = span_trim(utf8_without_bom(file));
	return !text.len || span_starts_nocase(text, "<!doctype html") || span_starts_nocase(text, "<html");
}
