/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * account_complete: what hangs together is derived first, then what is still
 * open gets its flavour's default.  The contract is in account.h.
 */
#include "config/account.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#define PORT_SUBMISSIONS 465
#define PORT_SUBMISSION 587
#define PORT_SMTP 25

static bool said(const struct account *a, enum option_id id)
{
	return a->v[id].set;
}

static void derive_number(struct account *a, enum option_id id, long long n, enum option_id because)
{
	value_release(&a->v[id]);
	a->v[id] = (struct value){.set = true, .n = n};
	a->origin[id] = (struct origin){ORIGIN_DERIVED, option_table[because].command, 0};
}

/* Parses a.b.c.d loosely: whatever begins with "127." and holds digits and dots only is the loopback network. */
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
	return account_is_set(a, OPT_FROM) && a->origin[OPT_FROM].kind != ORIGIN_COMMAND_LINE &&
	       strpbrk(account_str(a, OPT_FROM), "?*[") != NULL;
}

static bool is_lmtp(const struct account *a)
{
	const char *word = account_word_text(a, OPT_PROTOCOL);
	return word && strcmp(word, "lmtp") == 0;
}

/* In our own files a port chooses the mode, and the mode a port. */
static void derive_own_tls(struct account *a)
{
	long long port = said(a, OPT_PORT) ? account_int(a, OPT_PORT) : 0;
	bool tls_port = port == PORT_SUBMISSIONS || port == PORT_SUBMISSION;
	if (!said(a, OPT_TLS) && !said(a, OPT_TLS_STARTTLS) && !tls_port && account_is_local(a))
		derive_number(a, OPT_TLS, 0, said(a, OPT_SOCKET) ? OPT_SOCKET : OPT_HOST);
	if (!said(a, OPT_TLS) && port)
		derive_number(a, OPT_TLS, 1, OPT_PORT);
	if (!said(a, OPT_TLS_STARTTLS)) {
		if (port)
			derive_number(a, OPT_TLS_STARTTLS, port != PORT_SUBMISSIONS, OPT_PORT);
		else
			derive_number(a, OPT_TLS_STARTTLS, is_lmtp(a), OPT_PROTOCOL);
	}
}

static void derive_port(struct account *a)
{
	bool tls = account_bool(a, OPT_TLS), starttls = account_bool(a, OPT_TLS_STARTTLS);
	if (said(a, OPT_PORT) || is_lmtp(a) || (account_is_set(a, OPT_SOCKET) && !account_is_set(a, OPT_HOST)))
		return;
	if (tls && !starttls)
		derive_number(a, OPT_PORT, PORT_SUBMISSIONS, OPT_TLS);
	else if (tls && a->flavour == FLAVOUR_OWN)
		derive_number(a, OPT_PORT, PORT_SUBMISSION, OPT_TLS_STARTTLS);
	else
		derive_number(a, OPT_PORT, PORT_SMTP, OPT_TLS);
}

/* msmtp's older way to make a sender. */
static char *auto_from(const struct account *a)
{
	const char *domain = account_str(a, OPT_MAILDOMAIN);
	return domain && *domain ? xasprintf("%%U@%s", domain) : xstrdup("%U");
}

char *account_derive_own_from(const struct account *a)
{
	if (account_bool(a, OPT_AUTO_FROM))
		return auto_from(a);
	if (!account_is_set(a, OPT_FROM) || !*account_str(a, OPT_FROM) || account_from_is_pattern(a))
		return NULL;
	return xstrdup(account_str(a, OPT_FROM));
}

/* from counts only while auto_from is off. */
static bool derive_from(struct account *a, struct error *err)
{
	if (!account_bool(a, OPT_AUTO_FROM) || a->origin[OPT_FROM].kind == ORIGIN_COMMAND_LINE)
		return true;
	AUTO_FREE char *from = auto_from(a);
	struct origin origin = {ORIGIN_DERIVED, option_table[OPT_AUTO_FROM].command, 0};
	return account_set(a, OPT_FROM, span_of(from), origin, err);
}

static bool fill_defaults(struct account *a, struct error *err)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		const char *text = a->flavour == FLAVOUR_MSMTP ? row->default_msmtp : row->default_own;
		if (a->v[i].set || !text)
			continue;
		if (!value_parse(row, span_of(text), &a->v[i], err))
			return false;
		a->origin[i] = (struct origin){ORIGIN_DEFAULT, NULL, 0};
	}
	return true;
}

bool account_complete(struct account *a, struct error *err)
{
	if (account_has_srv(a) && !said(a, OPT_TLS)) /* in an msmtprc too, where TLS is off elsewhere */
		derive_number(a, OPT_TLS, 1, OPT_HOST);
	if (a->flavour == FLAVOUR_OWN)
		derive_own_tls(a);
	if (!derive_from(a, err) || !fill_defaults(a, err))
		return false;
	derive_port(a);
	return true;
}
