/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nullmailer's remotes: a server on each line, "HOST [PROTOCOL [OPTION[=VALUE]]...]", quoted as in a shell, tried one
 * after the other; and the files beside it, each with one value.
 */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "setup/import_private.h"

#define HOST "" /* the pairs of a line that have no name of their own */
#define PROTOCOL "\n"
#define RETRIES_MAX 12

/* ---- remotes ---- */

/* Takes the next word of a line from the front of *rest.  False at the end. */
static bool next_word(struct span *rest, struct strbuf *word)
{
	char quote = '\0';
	size_t i = 0;
	while (i < rest->len && ascii_isblank(rest->ptr[i]))
		i++;
	bool any = i < rest->len;
	strbuf_reset(word);
	for (; i < rest->len && (quote || !ascii_isblank(rest->ptr[i])); i++) {
		char c = rest->ptr[i];
		if (c == quote && quote)
			quote = '\0';
		else if (!quote && (c == '\'' || c == '"'))
			quote = c;
		else if (c == '\\' && quote != '\'' && i + 1 < rest->len)
			strbuf_addch(word, rest->ptr[++i]);
		else
			strbuf_addch(word, c);
	}
	*rest = span_sub(*rest, i, rest->len);
	return any;
}

static void add_option(struct importing *im, struct span word)
{
	const char *eq = memchr(word.ptr, '=', word.len);
	size_t dashes = word.len > 2 && word.ptr[0] == '-' && word.ptr[1] == '-' ? 2 : 0;
	size_t len = eq ? (size_t)(eq - word.ptr) : word.len;
	importing_add(im, span_sub(word, dashes, len), eq ? span_sub(word, len + 1, word.len) : span_of(""));
}

static void parse(struct importing *im, struct span text)
{
	AUTO(strbuf) word = STRBUF_INIT;
	struct span line;
	while (span_split(&text, '\n', &line)) {
		line = span_trim(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		im->section++;
		for (unsigned n = 0; next_word(&line, &word); n++) {
			if (n > 1)
				add_option(im, strbuf_span(&word));
			else
				importing_add(im, span_of(n ? PROTOCOL : HOST), strbuf_span(&word));
		}
	}
	strbuf_wipe(&word);
}

static const struct import_reason reasons[] = {
	{"x509fmtder", IMPORT_IMPOSSIBLE, N_("Write the files anew as PEM: openssl x509 -inform DER -in FILE."), false},
	{"tls-anon-auth", IMPORT_IMPOSSIBLE, N_("A server without a certificate cannot be trusted."), false},
	{"pass", IMPORT_NEEDLESS, N_("There is no user to log in."), true},
	{"auth-login", IMPORT_NEEDLESS, N_("There is no user to log in."), false},
	{"tls", IMPORT_NEEDLESS, N_("It is on."), false},
	{"ssl", IMPORT_NEEDLESS, N_("It is on."), false},
	{"insecure", IMPORT_NEEDLESS, N_("There is no certificate to check."), false},
	{NULL, IMPORT_TAKEN, NULL, false},
};

/* Marks what the line of the server holds besides, and shows all of it but the password. */
static const char *take_quietly(struct importing *im, const char *name)
{
	const char *value = importing_get(im, name);
	for (size_t i = 0; value && i < im->n; i++)
		if (im->pairs[i].section == im->section && ascii_strcasecmp(im->pairs[i].name, name) == 0)
			im->pairs[i].used = true;
	return value;
}

static void write_tls(struct importing *im, bool tls, bool starttls)
{
	static const struct {
		const char *name;
		enum option_id id;
	} files[] = {{"x509cafile", OPT_TLS_TRUST_FILE},
		     {"x509crlfile", OPT_TLS_CRL_FILE},
		     {"x509certfile", OPT_TLS_CERT_FILE}};
	bool on = tls || starttls;
	importing_tls(im,
		      tls	 ? IMPORT_TLS
		      : starttls ? IMPORT_STARTTLS
				 : IMPORT_PLAIN,
		      importing_get(im, "user") != NULL, true);
	if (on && importing_get(im, "insecure")) {
		(void)importing_take(im, "insecure");
		importing_say(im, "%s", _("This accepts whoever answers; tls_fingerprint or tls_pin would be safer."));
		importing_set(im, OPT_TLS_CERTCHECK, "off");
	}
	for (size_t i = 0; on && i < ARRAY_SIZE(files); i++)
		if (importing_get(im, files[i].name))
			importing_set(im, files[i].id, importing_take(im, files[i].name));
	const char *key = importing_get(im, "x509keyfile") ? importing_take(im, "x509keyfile")
							   : importing_get(im, "x509certfile");
	if (on && key)
		importing_set(im, OPT_TLS_KEY_FILE, key);
}

static void write_login(struct importing *im)
{
	const char *user = importing_get(im, "user");
	if (!user)
		return;
	const char *login = importing_get(im, "auth-login") ? importing_take(im, "auth-login") : NULL;
	(void)importing_take(im, "user");
	importing_set(im, OPT_AUTH, login ? "login" : "on");
	const char *password = take_quietly(im, "pass");
	if (password)
		importing_note(im, "pass", NULL, IMPORT_TAKEN, NULL);
	importing_login(im, user, span_of(password ? password : ""));
}

static void write_remote(struct importing *im, const char *host)
{
	unsigned long long port = 0;
	bool starttls = importing_get(im, "starttls") != NULL;
	bool tls = importing_get(im, "tls") || importing_get(im, "ssl");
	importing_note(im, host, "", IMPORT_TAKEN, NULL);
	(void)take_quietly(im, HOST);
	(void)take_quietly(im, PROTOCOL);
	if (importing_get(im, "port"))
		(void)span_to_u64(span_of(importing_take(im, "port")), &port);
	importing_set(im, OPT_HOST, host);
	importing_number(im, OPT_PORT, port ? port : tls ? 465 : 25);
	if (starttls)
		(void)importing_take(im, "starttls");
	if (tls)
		(void)importing_take(im, importing_get(im, "tls") ? "tls" : "ssl");
	write_tls(im, tls && !starttls, starttls);
	write_login(im);
	if (importing_get(im, "source"))
		importing_set(im, OPT_SOURCE_IP, importing_take(im, "source"));
	importing_finish(im, reasons);
}

/* ---- the files beside it ---- */

static char *note_file(struct importing *im, const char *name, enum import_fate fate, const char *why)
{
	char *value = importing_first_line(im, name);
	if (value)
		importing_note(im, name, value, fate, why);
	return value;
}

/* "NAME" with its default domain. */
static char *qualified(struct importing *im, const char *host)
{
	AUTO_FREE char *domain = importing_first_line(im, "defaultdomain");
	if (!domain || strchr(host, '.') || strcmp(host, "localhost") == 0)
		return xstrdup(host);
	importing_note(im, "defaultdomain", domain, IMPORT_TAKEN, NULL);
	return xasprintf("%s.%s", host, domain);
}

static void write_names(struct importing *im)
{
	AUTO_FREE char *me = note_file(im, "me", IMPORT_TAKEN, NULL);
	AUTO_FREE char *helo = note_file(im, "helohost", IMPORT_TAKEN, NULL);
	if (helo || me)
		importing_set(im, OPT_DOMAIN, helo ? helo : me);
	AUTO_FREE char *host = note_file(im, "defaulthost", IMPORT_TAKEN, NULL);
	AUTO_FREE char *all = note_file(im, "allmailfrom", IMPORT_TAKEN, NULL);
	if (!host && me)
		host = steal_ptr(me);
	AUTO_FREE char *full = host ? qualified(im, host) : NULL;
	AUTO_FREE char *from = full ? xasprintf("%%U@%s", full) : NULL;
	if (all || from)
		importing_set(im, OPT_FROM, all ? all : from);
	importing_set(im, OPT_SENDER, all ? "force" : "fix_local");
}

static bool seconds_in(struct importing *im, const char *name, unsigned long long *seconds)
{
	AUTO_FREE char *value = importing_first_line(im, name);
	return value && span_to_u64(span_of(value), seconds) && *seconds;
}

static void write_seconds(struct importing *im, const char *name, enum option_id id)
{
	unsigned long long seconds = 0;
	bool limited = seconds_in(im, name, &seconds);
	AUTO_FREE char *time = xasprintf("%llus", seconds);
	AUTO_FREE char *given = note_file(im, name, IMPORT_TAKEN, NULL);
	if (given)
		importing_set(im, id, limited ? time : "off");
}

/* The pause, doubled each time up to the longest one. */
static void write_pauses(struct importing *im)
{
	unsigned long long pause = 60, longest = 86400;
	AUTO(strbuf) list = STRBUF_INIT;
	bool any = seconds_in(im, "pausetime", &pause);
	any = seconds_in(im, "maxpause", &longest) || any;
	if (!any)
		return;
	free(note_file(im, "pausetime", IMPORT_TAKEN, NULL));
	free(note_file(im, "maxpause", IMPORT_TAKEN, NULL));
	for (unsigned n = 0; n < RETRIES_MAX && pause < longest; n++, pause *= 2)
		strbuf_addf(&list, "%llus ", pause);
	strbuf_addf(&list, "%llus", longest);
	importing_set(im, OPT_QUEUE_RETRY, list.buf);
}

static void write_files(struct importing *im)
{
	im->between = " ";
	write_names(im);
	write_pauses(im);
	write_seconds(im, "queuelifetime", OPT_QUEUE_LIFETIME);
	write_seconds(im, "sendtimeout", OPT_DEADLINE);
	free(note_file(im, "adminaddr", IMPORT_IMPOSSIBLE,
		       _("Mail for users of this machine goes to an address that a file of aliases names: write "
			 "\"default: ADDRESS\" there, and set aliases to its name.")));
	free(note_file(im, "doublebounceto", IMPORT_NEEDLESS, _("Failures are reported to the sender.")));
	free(note_file(im, "idhost", IMPORT_NEEDLESS, _("The sender's domain is used.")));
	im->between = "=";
}

/* ---- all of it ---- */

/* The host of a line that can be an account, or NULL. */
static const char *host_of(struct importing *im, unsigned section)
{
	im->section = section;
	const char *host = importing_get(im, HOST), *protocol = importing_get(im, PROTOCOL);
	return !*host || (protocol && strcmp(protocol, "smtp") != 0) ? NULL : host;
}

static void note_others(struct importing *im, unsigned sections)
{
	for (unsigned s = 1; s <= sections; s++) {
		if (host_of(im, s))
			continue;
		im->between = " ";
		importing_note(im, importing_get(im, HOST), importing_get(im, PROTOCOL), IMPORT_IMPOSSIBLE,
			       _("Only SMTP and LMTP are spoken."));
		im->between = "=";
	}
}

static bool write_accounts(struct importing *im, struct error *err)
{
	unsigned first = 0, sections = im->section;
	AUTO(strbuf) others = STRBUF_INIT;
	for (unsigned s = 1; s <= sections; s++) {
		const char *host = host_of(im, s);
		if (host && first)
			strbuf_addf(&others, "%sfallback-%u", others.len ? " " : "", s);
		else if (host)
			first = s;
	}
	if (!first)
		return error_set(err, ERROR_CONFIG, _("%s names no SMTP server"), im->path);
	note_others(im, sections);
	importing_begin(im, "default", NULL);
	write_remote(im, host_of(im, first));
	write_files(im);
	if (others.len) {
		importing_say(im, "%s", _("The servers that follow are tried while this one is away:"));
		importing_set(im, OPT_FALLBACK, others.buf);
	}
	for (unsigned s = first + 1; s <= sections; s++) {
		const char *host = host_of(im, s);
		AUTO_FREE char *name = xasprintf("fallback-%u", s);
		if (!host)
			continue;
		importing_begin(im, name, NULL);
		write_remote(im, host);
	}
	return true;
}

const struct import_format import_nullmailer = {
	.program = "nullmailer", .file_name = "remotes", .names = NULL, .parse = parse, .write = write_accounts};
