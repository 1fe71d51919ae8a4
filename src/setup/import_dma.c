/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dma.conf, lines "KEY [VALUE]", and the file that its AUTHPATH names, lines "USER|HOST:PASSWORD". */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "setup/import_private.h"

static const char *const names[] = {"SMARTHOST",      "PORT",	    "ALIASES",
				    "SPOOLDIR",	      "VIRTPATH",   "AUTHPATH",
				    "SECURETRANSFER", "STARTTLS",   "OPPORTUNISTIC_TLS",
				    "CERTFILE",	      "SECURE",	    "INSECURE",
				    "DEFER",	      "FULLBOUNCE", "MAILNAME",
				    "MAILNAMEFILE",   "MASQUERADE", "NULLCLIENT",
				    "FINGERPRINT",    "VERIFYCERT", NULL};

static const struct import_reason reasons[] = {
	{"SPOOLDIR", IMPORT_NEEDLESS, N_("What waits there is dma's: send it with dma -q first."), false},
	{"SECURE", IMPORT_NEEDLESS, N_("It is always on."), false},
	{"OPPORTUNISTIC_TLS", IMPORT_IMPOSSIBLE, N_("TLS is used or not used; an attacker could take it away."), false},
	{"STARTTLS", IMPORT_NEEDLESS, N_("It was not used."), false},
	{"VIRTPATH", IMPORT_IMPOSSIBLE, N_("A file of aliases has local names only."), false},
	{"FINGERPRINT", IMPORT_NEEDLESS, N_("There is no certificate to compare."), false},
	{"AUTHPATH", IMPORT_NEEDLESS, N_("It is empty."), false},
	{"MASQUERADE", IMPORT_NEEDLESS, N_("It is empty."), false},
	{"MAILNAME", IMPORT_NEEDLESS, N_("It is empty."), false},
	{NULL, IMPORT_TAKEN, NULL, false},
};

static void parse(struct importing *im, struct span text)
{
	struct span line;
	im->between = " ";
	while (span_split(&text, '\n', &line)) {
		line = span_trim(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		struct span name = span_word(&line);
		importing_add(im, name, span_trim(line));
	}
}

static bool is_set(const struct importing *im, const char *name)
{
	const char *value = importing_get(im, name);
	return value && *value;
}

static const char *take_if_set(struct importing *im, const char *name)
{
	return is_set(im, name) ? importing_take(im, name) : NULL;
}

/* Finds the line of the server in a file "USER|HOST:PASSWORD". */
static bool find_login(struct span text, const char *host, struct span *user, struct span *password)
{
	struct span line, name;
	while (span_split(&text, '\n', &line)) {
		line = span_trim(line);
		if (!line.len || line.ptr[0] == '#' || !memchr(line.ptr, '|', line.len))
			continue;
		struct span rest = line;
		(void)span_split(&rest, '|', user);
		if (span_split(&rest, ':', &name) && span_equals_str_nocase(name, host)) {
			*password = rest;
			return true;
		}
	}
	return false;
}

static bool write_login(struct importing *im, const char *host, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	struct span user, password;
	const char *path = is_set(im, "AUTHPATH") ? importing_take(im, "AUTHPATH") : NULL;
	if (!path)
		return true;
	if (!importing_read_beside(im, path, &text, err))
		return false;
	if (find_login(strbuf_span(&text), host, &user, &password) && !memchr(text.buf, '\0', text.len)) {
		AUTO_FREE char *name = xmemdup0(user.ptr, user.len);
		importing_set(im, OPT_AUTH, "on");
		importing_login(im, name, password);
	} else {
		importing_say(im, _("It has no line for %s: no login."), host);
	}
	strbuf_wipe(&text);
	return true;
}

static void write_tls(struct importing *im)
{
	const char *name = importing_get(im, "SECURETRANS") ? "SECURETRANS" : "SECURETRANSFER"; /* older ones */
	bool on = importing_get(im, name) != NULL, starttls = on && importing_get(im, "STARTTLS") != NULL;
	const char *fingerprint = on && is_set(im, "FINGERPRINT") ? importing_get(im, "FINGERPRINT") : NULL;
	(void)importing_take(im, name);
	if (starttls)
		(void)importing_take(im, "STARTTLS");
	importing_tls(im,
		      !on	 ? IMPORT_PLAIN
		      : starttls ? IMPORT_STARTTLS
				 : IMPORT_TLS,
		      is_set(im, "AUTHPATH") && !importing_get(im, "INSECURE"),
		      fingerprint || importing_get(im, "VERIFYCERT"));
	if (importing_get(im, "VERIFYCERT"))
		(void)importing_take(im, "VERIFYCERT");
	if (fingerprint) {
		importing_set(im, OPT_TLS_FINGERPRINT, importing_take(im, "FINGERPRINT"));
		importing_set(im, OPT_TLS_FINGERPRINT_ONLY, "on");
	}
	if (!on && importing_get(im, "INSECURE")) {
		(void)importing_take(im, "INSECURE");
		importing_set(im, OPT_AUTH_WITHOUT_TLS, "on");
	}
	if (on && is_set(im, "CERTFILE")) {
		const char *file = importing_take(im, "CERTFILE");
		importing_set(im, OPT_TLS_CERT_FILE, file);
		importing_set(im, OPT_TLS_KEY_FILE, file);
	}
}

/* The host's name: a file's first line if it is a path. */
static char *mail_name(struct importing *im)
{
	const char *name = take_if_set(im, is_set(im, "MAILNAMEFILE") ? "MAILNAMEFILE" : "MAILNAME");
	if (!name)
		return NULL;
	return *name == '/' ? importing_first_line(im, name) : xstrdup(name);
}

/* MASQUERADE: "USER@HOST", "USER@" or "HOST"; it replaces every sender. */
static void write_sender(struct importing *im)
{
	AUTO_FREE char *host = mail_name(im);
	const char *mask = take_if_set(im, "MASQUERADE"), *at = mask ? strchr(mask, '@') : NULL;
	const char *domain = !mask ? host : !at ? mask : at[1] ? at + 1 : host;
	if (host)
		importing_set(im, OPT_DOMAIN, host);
	AUTO_FREE char *user = at ? xmemdup0(mask, (size_t)(at - mask)) : xstrdup("%U");
	AUTO_FREE char *from = xasprintf("%s@%s", *user ? user : "%U", domain ? domain : "%C");
	importing_set(im, OPT_FROM, from);
	importing_set(im, OPT_SENDER, mask ? "force" : "fix_local");
}

static void write_local(struct importing *im)
{
	if (importing_get(im, "NULLCLIENT")) {
		(void)importing_take(im, "NULLCLIENT");
		importing_set(im, OPT_LOCAL_RECIPIENTS, "pass");
		return;
	}
	importing_say(
		im, "%s",
		_("Mail for users of this machine goes where the file of aliases says; posthaste has no mailboxes."));
	const char *file = take_if_set(im, "ALIASES");
	importing_set(im, OPT_ALIASES, file ? file : "/etc/aliases");
}

static bool write_accounts(struct importing *im, struct error *err)
{
	unsigned long long port = 0;
	if (!is_set(im, "SMARTHOST")) {
		(void)error_set(err, ERROR_CONFIG, _("%s names no server (SMARTHOST)"), im->path);
		error_hint(err, "%s",
			   _("dma delivered to the recipients' servers itself; posthaste needs a server that does "
			     "that, your mail provider's for example: posthaste --configure=you@example.org"));
		return false;
	}
	importing_begin(im, "default", NULL);
	const char *host = importing_take(im, "SMARTHOST");
	importing_set(im, OPT_HOST, host);
	if (is_set(im, "PORT"))
		(void)span_to_u64(span_of(importing_take(im, "PORT")), &port);
	importing_number(im, OPT_PORT, port ? port : 25);
	write_tls(im);
	if (!write_login(im, host, err))
		return false;
	write_sender(im);
	write_local(im);
	if (importing_get(im, "FULLBOUNCE")) {
		(void)importing_take(im, "FULLBOUNCE");
		importing_set(im, OPT_DSN_RETURN, "full");
	}
	if (importing_get(im, "DEFER")) {
		(void)importing_take(im, "DEFER");
		importing_set(im, OPT_QUEUE, "always");
		importing_set(im, OPT_QUEUE_AUTOSTART, "off");
	}
	importing_finish(im, reasons);
	return true;
}

const struct import_format import_dma = {
	.program = "dma", .file_name = "dma", .names = names, .exact = true, .parse = parse, .write = write_accounts};
