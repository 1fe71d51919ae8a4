/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An esmtprc: "KEY = VALUE" or "KEY VALUE", values perhaps quoted as in C, comments from "#" on; identities follow. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "setup/import_private.h"

static const char *const names[] = {"hostname",
				    "username",
				    "password",
				    "starttls",
				    "certificate_passphrase",
				    "helo",
				    "qualifydomain",
				    "force",
				    "message_id",
				    "preconnect",
				    "identity",
				    "default",
				    "mda",
				    "force_mda",
				    "force_sender",
				    "force_reverse_path",
				    NULL};

static const struct import_reason reasons[] = {
	{"certificate_passphrase", IMPORT_IMPOSSIBLE,
	 N_("Name certificate and key with tls_cert_file and tls_key_file."), true},
	{"force sender", IMPORT_IMPOSSIBLE, N_("No Sender header is added; see sender."), false},
	{"preconnect", IMPORT_IMPOSSIBLE, N_("A command that is the connection can be set, see proxy_command."), false},
	{"mda", IMPORT_IMPOSSIBLE, N_("Nothing is delivered to this machine; see aliases."), false},
	{"force_mda", IMPORT_IMPOSSIBLE, N_("Nothing is delivered to this machine; see aliases."), false},
	{"message_id", IMPORT_NEEDLESS, N_("One is added where there is none."), false},
	{"starttls", IMPORT_NEEDLESS, N_("It was not used."), false},
	{"password", IMPORT_NEEDLESS, N_("There is no user to log in."), true},
	{"qualifydomain", IMPORT_NEEDLESS, N_("The sender is known."), false},
	{"default", IMPORT_NEEDLESS, N_("It was done."), false},
	{NULL, IMPORT_TAKEN, NULL, false},
};

/* ---- parsing ---- */

static bool ends_word(char c)
{
	return ascii_isblank(c) || c == '=' || c == '#' || c == '"' || c == '\'';
}

static void skip_blanks(struct span *line)
{
	while (line->len && (ascii_isblank(line->ptr[0]) || line->ptr[0] == '='))
		*line = span_sub(*line, 1, line->len);
}

static struct span take_name(struct span *line)
{
	size_t len = 0;
	while (len < line->len && !ends_word(line->ptr[len]))
		len++;
	struct span name = span_sub(*line, 0, len);
	*line = span_sub(*line, len, line->len);
	skip_blanks(line);
	return name;
}

/* A value in quotes, in which a backslash takes the next character; or up to a comment. */
static void take_value(struct span line, struct strbuf *value)
{
	char quote = line.len && (line.ptr[0] == '"' || line.ptr[0] == '\'') ? line.ptr[0] : '\0';
	for (size_t i = quote ? 1 : 0; i < line.len; i++) {
		char c = line.ptr[i];
		if (quote ? c == quote : c == '#')
			break;
		if (quote && c == '\\' && i + 1 < line.len) {
			c = line.ptr[++i];
			c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
		}
		strbuf_addch(value, c);
	}
	while (!quote && value->len && ascii_isblank(value->buf[value->len - 1]))
		strbuf_setlen(value, value->len - 1);
}

static void parse(struct importing *im, struct span text)
{
	struct span line;
	while (span_split(&text, '\n', &line)) {
		AUTO(strbuf) value = STRBUF_INIT;
		AUTO(strbuf) name = STRBUF_INIT;
		line = span_trim(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		strbuf_add_span(&name, take_name(&line));
		if (strcmp(name.buf, "force") == 0) {
			strbuf_addch(&name, ' ');
			strbuf_add_span(&name, take_name(&line));
		} else if (strncmp(name.buf, "force_", 6) == 0 && strcmp(name.buf, "force_mda") != 0) {
			name.buf[5] = ' ';
		}
		take_value(line, &value);
		if (strcmp(name.buf, "identity") == 0)
			im->section++;
		importing_add(im, strbuf_span(&name), strbuf_span(&value));
		strbuf_wipe(&value);
	}
}

/* ---- writing ---- */

/* "HOST[:SERVICE]" with the number of the service. */
static char *server_of(const char *text, bool *known)
{
	static const struct {
		const char *name;
		unsigned port;
	} services[] = {{"smtp", 25}, {"submission", 587}, {"smtps", 465}, {"ssmtp", 465}, {"submissions", 465}};
	const char *colon = strrchr(text, ':');
	*known = !colon || ascii_isdigit(colon[1]);
	for (size_t i = 0; colon && i < ARRAY_SIZE(services); i++)
		if (strcmp(colon + 1, services[i].name) == 0) {
			*known = true;
			return xasprintf("%.*s:%u", (int)(colon - text), text, services[i].port);
		}
	return *known ? xstrdup(text) : xmemdup0(text, (size_t)(colon - text));
}

static void write_server(struct importing *im)
{
	bool known;
	AUTO_FREE char *server = server_of(importing_take(im, "hostname"), &known);
	if (!known)
		importing_say(im, "%s", _("The number of this service is not known: correct the port."));
	importing_server(im, server, 587);
	const char *starttls = importing_get(im, "starttls");
	bool on = starttls && (strcmp(starttls, "enabled") == 0 || strcmp(starttls, "required") == 0);
	if (on)
		(void)importing_take(im, "starttls");
	importing_tls(im, on ? IMPORT_STARTTLS : IMPORT_PLAIN, importing_get(im, "username") != NULL, false);
}

static void write_login(struct importing *im)
{
	if (!importing_get(im, "username"))
		return;
	const char *user = importing_take(im, "username"), *password = importing_get(im, "password");
	for (size_t i = 0; i < im->n; i++)
		if (im->pairs[i].section == im->section && strcmp(im->pairs[i].name, "password") == 0)
			im->pairs[i].used = true;
	importing_set(im, OPT_AUTH, "on");
	if (password)
		importing_note(im, "password", NULL, IMPORT_TAKEN, NULL);
	importing_login(im, user, span_of(password ? password : ""));
}

/* "%u" is the user's name, "%%" a percent sign. */
static char *with_user(const char *text)
{
	struct strbuf out = STRBUF_INIT;
	for (; *text; text++) {
		if (*text == '%' && text[1] == 'u')
			strbuf_adds(&out, "%U");
		else
			strbuf_addch(&out, *text);
		if (*text == '%' && (text[1] == 'u' || text[1] == '%'))
			text++;
	}
	return strbuf_detach(&out, NULL);
}

static void write_sender(struct importing *im, const char *identity)
{
	const char *forced = importing_get(im, "force reverse_path") ? importing_take(im, "force reverse_path") : NULL;
	const char *domain = importing_get(im, "qualifydomain");
	AUTO_FREE char *from = forced	  ? with_user(forced)
			       : identity ? xstrdup(identity)
			       : domain	  ? xasprintf("%%U@%s", importing_take(im, "qualifydomain"))
					  : NULL;
	if (forced && identity)
		importing_set(im, OPT_MATCH_FROM, identity);
	if (from)
		importing_set(im, OPT_FROM, from);
	importing_set(im, OPT_SENDER, forced ? "force" : "fix_local");
	if (importing_get(im, "helo"))
		importing_set(im, OPT_DOMAIN, importing_take(im, "helo"));
	const char *id = importing_get(im, "message_id");
	if (id && strcmp(id, "disabled") == 0) {
		(void)importing_take(im, "message_id");
		importing_set(im, OPT_SET_MSGID_HEADER, "off");
	}
}

static bool write_identity(struct importing *im, unsigned section)
{
	im->section = section;
	const char *identity = section ? importing_get(im, "identity") : NULL;
	if (!importing_get(im, "hostname"))
		return false;
	importing_begin(im, identity && *identity ? identity : "default", NULL);
	if (identity)
		(void)importing_take(im, "identity");
	write_server(im);
	write_login(im);
	write_sender(im, identity);
	importing_finish(im, reasons);
	return true;
}

static bool write_accounts(struct importing *im, struct error *err)
{
	unsigned sections = im->section;
	const char *first = NULL;
	bool any = write_identity(im, 0);
	bool global = any;
	if (!any)
		importing_finish(im, reasons);
	for (unsigned s = 1; s <= sections; s++) {
		bool done = write_identity(im, s);
		if (done && !first)
			first = importing_get(im, "identity");
		any = any || done;
	}
	if (!any)
		return error_set(err, ERROR_CONFIG, _("%s names no server (hostname)"), im->path);
	if (!global)
		importing_begin(im, "default", first);
	return true;
}

const struct import_format import_esmtp = {
	.program = "esmtp", .file_name = "esmtp", .names = names, .parse = parse, .write = write_accounts};
