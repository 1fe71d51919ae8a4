/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account_complete: settings are first derived from each other, then those still unset get the default of their
 * flavour.  The contract is in account.h.
 */
#include "config/account.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#define PORT_SUBMISSIONS 465
#define PORT_SUBMISSION 587
#define PORT_SMTP 25
#define PORT_HTTP_PROXY 8080

static bool is_given(const struct account *a, enum option_id id)
{
	return account_value(a, id)->set;
}

static void derive_number(struct account *a, enum option_id id, long long n, enum option_id because)
{
	struct value v = {.set = true, .n = n};
	account_put(a, id, &v, (struct origin){ORIGIN_DERIVED, option_table[because].command, 0});
}

/* Any text that begins with "127." and contains only digits and dots is taken for a loopback address. */
static bool host_is_loopback(const char *host)
{
	if (ascii_strcasecmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strcmp(host, "[::1]") == 0)
		return true;
	return strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == '\0';
}

bool account_is_local(const struct account *a)
{
	const struct strvec *hosts = account_list(a, OPT_HOST);
	if (account_is_set(a, OPT_SOCKET))
		return true;
	for (size_t i = 0; i < hosts->n; i++)
		if (!host_is_loopback(hosts->v[i]))
			return false;
	return hosts->n > 0;
}

bool account_has_srv(const struct account *a)
{
	const struct strvec *hosts = account_list(a, OPT_HOST);
	for (size_t i = 0; i < hosts->n; i++)
		if (span_starts_nocase(span_of(hosts->v[i]), "srv:"))
			return true;
	return false;
}

bool account_from_is_pattern(const struct account *a)
{
	return account_is_set(a, OPT_FROM) && account_origin(a, OPT_FROM)->kind != ORIGIN_COMMAND_LINE &&
	       strpbrk(account_str(a, OPT_FROM), "?*[") != NULL;
}

static bool is_lmtp(const struct account *a)
{
	const char *word = account_word_text(a, OPT_PROTOCOL);
	return word && strcmp(word, "lmtp") == 0;
}

/* In our own files the port determines the kind of TLS, and the kind of TLS the port. */
static void derive_own_tls(struct account *a)
{
	long long port = is_given(a, OPT_PORT) ? account_int(a, OPT_PORT) : 0;
	bool tls_port = port == PORT_SUBMISSIONS || port == PORT_SUBMISSION;
	if (!is_given(a, OPT_TLS) && !is_given(a, OPT_TLS_STARTTLS) && !tls_port && account_is_local(a))
		derive_number(a, OPT_TLS, 0, is_given(a, OPT_SOCKET) ? OPT_SOCKET : OPT_HOST);
	if (!is_given(a, OPT_TLS) && port)
		derive_number(a, OPT_TLS, 1, OPT_PORT);
	if (!is_given(a, OPT_TLS_STARTTLS)) {
		if (port)
			derive_number(a, OPT_TLS_STARTTLS, port != PORT_SUBMISSIONS, OPT_PORT);
		else
			derive_number(a, OPT_TLS_STARTTLS, is_lmtp(a), OPT_PROTOCOL);
	}
}

static void derive_port(struct account *a)
{
	bool tls = account_bool(a, OPT_TLS), starttls = account_bool(a, OPT_TLS_STARTTLS);
	if (is_given(a, OPT_PORT) || is_lmtp(a) || (account_is_set(a, OPT_SOCKET) && !account_is_set(a, OPT_HOST)))
		return;
	if (tls && !starttls)
		derive_number(a, OPT_PORT, PORT_SUBMISSIONS, OPT_TLS);
	else if (tls && a->flavour == FLAVOUR_OWN)
		derive_number(a, OPT_PORT, PORT_SUBMISSION, OPT_TLS_STARTTLS);
	else
		derive_number(a, OPT_PORT, PORT_SMTP, OPT_TLS);
}

bool account_proxy_is_http(const struct account *a)
{
	const char *type = account_word_text(a, OPT_PROXY_TYPE);
	return type && strcmp(type, "http") == 0;
}

/* SOCKS5 has a port of its own; of HTTP proxies this is the registered one. */
static void derive_proxy_port(struct account *a)
{
	if (!is_given(a, OPT_PROXY_PORT) && account_proxy_is_http(a))
		derive_number(a, OPT_PROXY_PORT, PORT_HTTP_PROXY, OPT_PROXY_TYPE);
}

/* msmtp's older way to make a sender address. */
static char *auto_from_address(const struct account *a)
{
	const char *domain = account_str(a, OPT_MAILDOMAIN);
	return domain && *domain ? xasprintf("%%U@%s", domain) : xstrdup("%U");
}

char *account_derive_own_from(const struct account *a)
{
	if (account_bool(a, OPT_AUTO_FROM))
		return auto_from_address(a);
	if (!account_is_set(a, OPT_FROM) || !*account_str(a, OPT_FROM) || account_from_is_pattern(a))
		return NULL;
	return xstrdup(account_str(a, OPT_FROM));
}

/* from is used only if auto_from is off. */
static bool derive_from(struct account *a, struct error *err)
{
	if (!account_bool(a, OPT_AUTO_FROM) || account_origin(a, OPT_FROM)->kind == ORIGIN_COMMAND_LINE)
		return true;
	AUTO_FREE char *from = auto_from_address(a);
	struct origin origin = {ORIGIN_DERIVED, option_table[OPT_AUTO_FROM].command, 0};
	return account_set(a, OPT_FROM, span_of(from), origin, err);
}

static bool fill_defaults(struct account *a, struct error *err)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		const char *text = a->flavour == FLAVOUR_MSMTP ? row->default_msmtp : row->default_own;
		struct value v = {.set = false};
		if (account_value(a, (enum option_id)i)->set || !text)
			continue;
		if (!value_parse(row, span_of(text), &v, err))
			return false;
		account_put(a, (enum option_id)i, &v, (struct origin){ORIGIN_DEFAULT, NULL, 0});
	}
	return true;
}

/* The service runs the filter, too: a key to sign with is for it alone, and the message is changed once.  What it has
 * made of it is what is archived. */
static bool is_for_service(const struct option_row *row)
{
	return (row->flags & OPTION_CONNECTION && row->id != OPT_SERVICE_SOCKET && row->id != OPT_DOMAIN) ||
	       row->id == OPT_FILTER || row->id == OPT_ARCHIVE;
}

/*
 * Messages go to the mail service of this machine, which knows the server and its password.  So what the account says
 * of them is for the service alone: one file can serve both.
 */
static void derive_service(struct account *a)
{
	struct value path = {.set = true};
	if (!account_is_set(a, OPT_SERVICE_SOCKET) || account_origin(a, OPT_SOCKET)->kind == ORIGIN_COMMAND_LINE)
		return;
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		struct value unset = {.set = false};
		if (is_for_service(row))
			account_put(a, row->id, &unset, (struct origin){ORIGIN_DEFAULT, NULL, 0});
	}
	path.s = xstrdup(account_str(a, OPT_SERVICE_SOCKET));
	account_put(a, OPT_SOCKET, &path, (struct origin){ORIGIN_DERIVED, option_table[OPT_SERVICE_SOCKET].command, 0});
	derive_number(a, OPT_TLS, 0, OPT_SERVICE_SOCKET);
}

bool account_complete(struct account *a, struct error *err)
{
	derive_service(a);
	if (account_has_srv(a) && !is_given(a, OPT_TLS)) /* also in an msmtprc, where TLS is off by default */
		derive_number(a, OPT_TLS, 1, OPT_HOST);
	if (a->flavour == FLAVOUR_OWN)
		derive_own_tls(a);
	derive_proxy_port(a);
	if (!derive_from(a, err) || !fill_defaults(a, err))
		return false;
	derive_port(a);
	return true;
}
