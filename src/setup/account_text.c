/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/account_text.h"

#include "base/i18n.h"
#include "base/xalloc.h"

/* ---- lines ---- */

/* A dollar sign begins the name of a variable in one of our own files. */
static char *escape_dollars(const char *value)
{
	AUTO(strbuf) out = STRBUF_INIT;
	for (; *value; value++) {
		strbuf_addch(&out, *value);
		if (*value == '$')
			strbuf_addch(&out, '$');
	}
	return strbuf_detach(&out, NULL);
}

static void add_line(const struct account_text *t, enum option_id id, const char *value, struct strbuf *out)
{
	strbuf_addf(out, "%s ", option_table[id].command);
	if (t->flavour == FLAVOUR_MSMTP) {
		struct span text = span_of(value), trimmed = span_trim(text);
		bool quotes = trimmed.len != text.len || (text.len && text.ptr[0] == '"');
		strbuf_addf(out, quotes ? "\"%s\"\n" : "%s\n", value);
		return;
	}
	AUTO_FREE char *escaped = escape_dollars(value);
	lexer_quote(span_of(escaped), option_table[id].type == VALUE_LIST, out);
	strbuf_addch(out, '\n');
}

void account_text_comment(const char *text, struct strbuf *out)
{
	struct span rest = span_of(text), line;
	while (span_split(&rest, '\n', &line))
		if (line.len || rest.ptr)
			strbuf_addf(out, "# %.*s\n", SPAN_FMT(line));
}

const char *account_text_user(const struct account_text *t)
{
	return t->user ? t->user : t->server->user ? t->server->user : t->address;
}

/* All hosts that are reached in the same way: the account has one port. */
static void add_hosts(const struct account_text *t, struct strbuf *out)
{
	const struct candidate *c = t->server;
	strbuf_addf(out, "%s %s", option_table[OPT_HOST].command, c->host);
	for (size_t i = 0; c->source == SETUP_SRV && t->all && i < t->all->n; i++) {
		const struct candidate *other = &t->all->v[i];
		if (other != c && other->source == c->source && other->port == c->port && other->mode == c->mode &&
		    ascii_strcasecmp(other->host, c->host) != 0)
			strbuf_addf(out, " %s", other->host);
	}
	strbuf_addch(out, '\n');
}

/* Is it written from other knowledge? */
static bool is_decided(enum option_id id)
{
	switch (id) {
	case OPT_HOST:
	case OPT_PORT:
	case OPT_TLS:
	case OPT_TLS_STARTTLS:
	case OPT_USER:
	case OPT_FROM:
	case OPT_PASSWORD:
	case OPT_FILE: return true;
	default: return option_table[id].flags & (OPTION_MODE | OPTION_STRUCTURE | OPTION_INTERNAL);
	}
}

static void add_given(const struct account_text *t, struct strbuf *out)
{
	for (size_t i = 0; t->given && i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		if (!row->command || is_decided(row->id) || row->type == VALUE_SECRET || row->target ||
		    !account_is_set(t->given, row->id))
			continue;
		AUTO(strbuf) text = STRBUF_INIT;
		value_format(row, account_value(t->given, row->id), &text);
		strbuf_addf(out, "%s %s\n", row->command, text.buf);
	}
}

/* "cat 'FILE'", as a shell reads it. */
static void add_cat(const struct account_text *t, struct strbuf *out)
{
	AUTO(strbuf) command = STRBUF_INIT;
	strbuf_adds(&command, "cat '");
	for (const char *c = t->secret_file; *c; c++)
		if (*c == '\'')
			strbuf_adds(&command, "'\\''");
		else
			strbuf_addch(&command, *c);
	strbuf_addch(&command, '\'');
	add_line(t, OPT_PASSWORDEVAL, command.buf, out);
}

static void add_secret(const struct account_text *t, struct strbuf *out)
{
	switch (t->secret) {
	case SETUP_SECRET_OPEN:
	case SETUP_SECRET_NONE: break;
	case SETUP_SECRET_KEYRING: account_text_comment(_("The password is in the keyring."), out); break;
	case SETUP_SECRET_FILE:
		if (t->flavour == FLAVOUR_OWN)
			add_line(t, OPT_PASSWORD_FILE, t->secret_file, out);
		else /* what msmtp knows */
			add_cat(t, out);
		break;
	case SETUP_SECRET_OAUTH:
		if (!t->client_id || !t->provider)
			break;
		add_line(t, OPT_OAUTH_PROVIDER, t->provider, out);
		add_line(t, OPT_OAUTH_CLIENT_ID, t->client_id, out);
		if (t->client_secret_file)
			add_line(t, OPT_OAUTH_CLIENT_SECRET_FILE, t->client_secret_file, out);
		break;
	}
}

void account_text_write(const struct account_text *t, struct strbuf *out)
{
	const struct candidate *c = t->server;
	AUTO_FREE char *port = xasprintf("%u", c->port);
	add_line(t, OPT_ACCOUNT, t->name, out);
	add_hosts(t, out);
	add_line(t, OPT_PORT, port, out);
	add_line(t, OPT_TLS, c->mode == SETUP_PLAIN ? "off" : "on", out);
	if (c->mode != SETUP_PLAIN)
		add_line(t, OPT_TLS_STARTTLS, c->mode == SETUP_STARTTLS ? "on" : "off", out);
	if (t->secret == SETUP_SECRET_NONE) {
		add_line(t, OPT_AUTH, "off", out);
	} else {
		if (!t->given || !account_is_set(t->given, OPT_AUTH))
			add_line(t, OPT_AUTH, "on", out);
		if (c->mode == SETUP_PLAIN)
			add_line(t, OPT_AUTH_WITHOUT_TLS, "on", out);
		add_line(t, OPT_USER, account_text_user(t), out);
	}
	add_line(t, OPT_FROM, t->address, out);
	if (t->first_use)
		add_line(t, OPT_TLS_TRUST, "first_use", out);
	add_given(t, out);
	add_secret(t, out);
}

/* ---- sentences ---- */

char *setup_source_text(const struct candidate *c, const char *domain)
{
	switch (c->source) {
	case SETUP_NAMED: return xasprintf(_("You named the server %s."), c->host);
	case SETUP_PRESET: return xasprintf(_("posthaste knows the server for addresses of %s."), domain);
	case SETUP_PRESET_MX:
		return xasprintf(_("The mail of %s goes to %s, and posthaste knows that provider's server."), domain,
				 c->told_by);
	case SETUP_AUTOCONFIG:
	case SETUP_AUTOCONFIG_MX: return xasprintf(_("A file at %s names the server."), c->told_by);
	case SETUP_SRV: return xasprintf(_("The DNS names the server for %s."), domain);
	case SETUP_DATABASE: break;
	}
	return xasprintf(_("The public database at %s names the server."), c->told_by);
}

char *setup_doubt_text(const struct candidate *c, const char *domain)
{
	if (!c->doubtful)
		return NULL;
	if (c->source == SETUP_SRV)
		return xasprintf(_("%s is not in the domain %s, and the DNS answer is not secured by DNSSEC:\n"
				   "make sure that it is your mail provider's server before you give it a password."),
				 c->host, domain);
	return xasprintf(_("Nothing that %s itself signed names %s:\n"
			   "make sure that it is your mail provider's server before you give it a password."),
			 domain, c->host);
}
