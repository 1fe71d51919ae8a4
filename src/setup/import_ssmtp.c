/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssmtp.conf, lines KEY=VALUE without regard to capitals, and the revaliases beside it, lines USER:ADDRESS[:SERVER]. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "setup/import_private.h"

static const char *const names[] = {"Root",	   "MailHub",	  "RewriteDomain", "HostName", "FromLineOverride",
				    "UseTLS",	   "UseSTARTTLS", "UseTLSCert",	   "TLSCert",  "TLSKey",
				    "TLS_CA_File", "TLS_CA_Dir",  "AuthUser",	   "AuthPass", "AuthMethod",
				    "AddHeader",   "Debug",	  "UseOldAUTH",	   "Port",     "RemotePort",
				    "MinUserId",   NULL};

static const struct import_reason reasons[] = {
	{"Root", IMPORT_IMPOSSIBLE,
	 N_("Mail for root and other users of the system goes to an address that a file of aliases names: write "
	    "\"root: "
	    "ADDRESS\" there, and set aliases to its name."),
	 false},
	{"MinUserId", IMPORT_IMPOSSIBLE,
	 N_("Mail for root and other users of the system goes to an address that a file of aliases names: write "
	    "\"root: "
	    "ADDRESS\" there, and set aliases to its name."),
	 false},
	{"AddHeader", IMPORT_IMPOSSIBLE, N_("A command can add it, see filter."), false},
	{"Debug", IMPORT_NEEDLESS, N_("--debug shows the dialogue."), false},
	{"UseOldAUTH", IMPORT_NEEDLESS, N_("Servers that want it are recognized."), false},
	{"TLSCert", IMPORT_NEEDLESS, N_("It was not used."), false},
	{"TLSKey", IMPORT_NEEDLESS, N_("It was not used."), false},
	{"UseTLSCert", IMPORT_NEEDLESS, N_("There is no certificate to send."), false},
	{"AuthPass", IMPORT_NEEDLESS, N_("There is no user to log in."), true},
	{"AuthMethod", IMPORT_NEEDLESS, N_("There is no user to log in."), false},
	{"HostName", IMPORT_NEEDLESS, N_("It is empty."), false},
	{"RewriteDomain", IMPORT_NEEDLESS, N_("It is empty."), false},
	{NULL, IMPORT_TAKEN, NULL, false},
};

static void parse(struct importing *im, struct span text)
{
	struct span line;
	while (span_split(&text, '\n', &line)) {
		size_t len = 0, value;
		line = span_trim(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		while (len < line.len && line.ptr[len] != '=' && !ascii_isblank(line.ptr[len]))
			len++;
		for (value = len; value < line.len && (line.ptr[value] == '=' || ascii_isblank(line.ptr[value]));)
			value++;
		importing_add(im, span_sub(line, 0, len), span_sub(line, value, line.len));
	}
}

static bool is_set(const struct importing *im, const char *name)
{
	const char *value = importing_get(im, name);
	return value && *value;
}

static enum import_tls tls_of(struct importing *im)
{
	bool starttls = importing_is_on(im, "UseSTARTTLS"), tls = importing_is_on(im, "UseTLS") || starttls;
	(void)importing_take(im, "UseTLS");
	(void)importing_take(im, "UseSTARTTLS");
	return starttls ? IMPORT_STARTTLS : tls ? IMPORT_TLS : IMPORT_PLAIN;
}

static void write_server(struct importing *im)
{
	const char *port = importing_get(im, "Port") ? "Port" : "RemotePort";
	unsigned long long number = 0;
	AUTO_FREE char *hub = xstrdup(importing_take(im, "MailHub"));
	char *blank = strpbrk(hub, " \t");
	if (blank)
		*blank = ':'; /* "HOST PORT" */
	if (is_set(im, port) && !strchr(hub, ':'))
		(void)span_to_u64(span_of(importing_take(im, port)), &number);
	importing_server(im, hub, number && number < 65536 ? (unsigned)number : 25);
}

static void write_tls(struct importing *im)
{
	bool ca = is_set(im, "TLS_CA_File") || is_set(im, "TLS_CA_Dir");
	importing_tls(im, tls_of(im), is_set(im, "AuthUser"), ca);
	if (is_set(im, "TLS_CA_File"))
		importing_set(im, OPT_TLS_TRUST_FILE, importing_take(im, "TLS_CA_File"));
	else if (is_set(im, "TLS_CA_Dir"))
		importing_set(im, OPT_TLS_TRUST_FILE, importing_take(im, "TLS_CA_Dir"));
	if (!is_set(im, "TLSCert") || !importing_is_on(im, "UseTLSCert"))
		return;
	(void)importing_take(im, "UseTLSCert");
	const char *certificate = importing_take(im, "TLSCert");
	importing_set(im, OPT_TLS_CERT_FILE, certificate);
	importing_set(im, OPT_TLS_KEY_FILE, is_set(im, "TLSKey") ? importing_take(im, "TLSKey") : certificate);
}

static void write_login(struct importing *im)
{
	if (!is_set(im, "AuthUser"))
		return;
	bool cram = is_set(im, "AuthMethod") && ascii_strcasecmp(importing_get(im, "AuthMethod"), "cram-md5") == 0;
	(void)importing_take(im, "AuthMethod");
	const char *user = importing_take(im, "AuthUser"), *password = importing_get(im, "AuthPass");
	importing_set(im, OPT_AUTH, cram ? "cram-md5" : "on");
	for (size_t i = 0; i < im->n; i++)
		if (ascii_strcasecmp(im->pairs[i].name, "AuthPass") == 0)
			im->pairs[i].used = true;
	if (password)
		importing_note(im, "AuthPass", NULL, IMPORT_TAKEN, NULL);
	importing_login(im, user, span_of(password ? password : ""));
}

/* The sender: the user's name at a domain.  Unless FromLineOverride is on, the From header becomes that, too. */
static void write_sender(struct importing *im)
{
	const char *host = is_set(im, "HostName") ? importing_take(im, "HostName") : NULL;
	if (host)
		importing_set(im, OPT_DOMAIN, host);
	const char *domain = is_set(im, "RewriteDomain") ? importing_take(im, "RewriteDomain") : host;
	AUTO_FREE char *from = domain ? xasprintf("%%U@%s", domain) : NULL;
	if (from)
		importing_set(im, OPT_FROM, from);
	bool override = importing_is_on(im, "FromLineOverride");
	(void)importing_take(im, "FromLineOverride");
	if (!override && !importing_get(im, "FromLineOverride"))
		importing_say(im, "%s", _("FromLineOverride was off, which replaces the From header of each message:"));
	importing_set(im, OPT_SENDER, override ? "fix_local" : "force");
}

/* "USER:ADDRESS[:SERVER[:PORT]]" */
static void write_alias(struct importing *im, struct span line)
{
	struct span user, address, rest = line;
	if (!span_split(&rest, ':', &user) || !span_split(&rest, ':', &address) || !user.len || !address.len)
		return;
	AUTO_FREE char *name = xmemdup0(user.ptr, user.len);
	AUTO_FREE char *from = xmemdup0(address.ptr, address.len);
	AUTO_FREE char *server = xmemdup0(rest.ptr ? rest.ptr : "", rest.len);
	AUTO_FREE char *all = xmemdup0(line.ptr, line.len);
	AUTO_FREE char *senders = xasprintf("%s %s@*", name, name);
	importing_begin(im, name, "default");
	importing_note(im, "revaliases", all, IMPORT_TAKEN, _("for messages that this user sends"));
	importing_set(im, OPT_MATCH_FROM, senders);
	importing_set(im, OPT_FROM, from);
	importing_set(im, OPT_SENDER, "force");
	if (*server)
		importing_server(im, server, 25);
}

static void write_aliases(struct importing *im)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (!importing_read_beside(im, "revaliases", &text, NULL))
		return;
	struct span rest = strbuf_span(&text), line;
	im->between = " ";
	while (span_split(&rest, '\n', &line)) {
		line = span_trim(line);
		if (line.len && line.ptr[0] != '#' && !memchr(line.ptr, '\0', line.len))
			write_alias(im, line);
	}
}

static bool write_accounts(struct importing *im, struct error *err)
{
	if (!is_set(im, "MailHub"))
		return error_set(err, ERROR_CONFIG, _("%s names no server (mailhub)"), im->path);
	importing_begin(im, "default", NULL);
	write_server(im);
	write_tls(im);
	write_login(im);
	write_sender(im);
	importing_finish(im, reasons);
	write_aliases(im);
	return true;
}

const struct import_format import_ssmtp = {
	.program = "ssmtp", .file_name = "ssmtp", .names = names, .parse = parse, .write = write_accounts};
