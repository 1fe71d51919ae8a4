/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dma.conf: lines "NAME value" or "NAME"; auth.conf: "USER|HOST:PASSWORD". */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "setup/import_private.h"

static const struct import_reason reasons[] = {
	{"SPOOLDIR", N_("every user has a queue, see posthaste-queue(7); queue_dir names another folder.")},
	{"OPPORTUNISTIC_TLS", N_("TLS that an attacker can switch off protects nothing: with tls on it is required.")},
	{"NULLCLIENT", N_("mail is never delivered on this machine.")},
	{"VERIFYCERT", N_("certificates are always checked.")},
};

static void read_lines(struct import *im)
{
	struct span rest = strbuf_span(&im->text), line;
	for (unsigned number = 1; rest.len && span_split(&rest, '\n', &line); number++) {
		line = span_trim(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		struct span after = line, key = span_word(&after);
		import_add(im, key, span_trim(after), number);
	}
}

/* The entry of auth.conf for that host: its user and password, malloc'ed. */
static void find_login(struct import *im, const char *host, char **user, char **password)
{
	AUTO(strbuf) text = STRBUF_INIT;
	const char *path = import_take(im, "AUTHPATH");
	struct span line, name, place;
	if (!path || !host)
		return;
	import_read_beside(im, path, &text);
	struct span rest = strbuf_span(&text);
	while (!*user && rest.len && span_split(&rest, '\n', &line)) {
		line = span_trim(line);
		if (!line.len || line.ptr[0] == '#' || !span_split(&line, '|', &name) ||
		    !span_split(&line, ':', &place) || !span_equals_str_nocase(place, host))
			continue;
		*user = xmemdup0(name.ptr, name.len);
		*password = xmemdup0(line.ptr, line.len);
	}
	strbuf_wipe(&text);
	text = STRBUF_INIT;
	if (!*user)
		import_comment(im, _("%s has no login for %s."), path, host);
}

/* "USER@HOST", "HOST" or "USER@". */
static void set_sender(struct import *im)
{
	const char *masquerade = import_take(im, "MASQUERADE"), *at = masquerade ? strchr(masquerade, '@') : NULL;
	AUTO_FREE char *from = !masquerade || !*masquerade ? NULL
			       : !at			   ? xasprintf("%%U@%s", masquerade)
			       : !at[1]			   ? xasprintf("%s%%H", masquerade)
							   : xstrdup(masquerade);
	import_set(im, OPT_FROM, from);
	const char *name = import_take(im, "MAILNAME");
	AUTO_FREE char *read = name && name[0] == '/' ? import_line_beside(im, name) : xstrdup_null(name);
	import_set(im, OPT_DOMAIN, read);
}

bool import_dma(struct import *im, struct error *err)
{
	AUTO_FREE char *user = NULL;
	AUTO_FREE char *password = NULL;
	read_lines(im);
	const char *host = import_take(im, "SMARTHOST"), *port = import_take(im, "PORT");
	bool secure = import_take_yes(im, "SECURETRANSFER") | import_take_yes(im, "SECURETRANS");
	bool starttls = import_take_yes(im, "STARTTLS");
	if (!host || !*host) {
		(void)error_set(err, ERROR_CONFIG, _("%s names no SMARTHOST"), im->path);
		error_hint(err, "%s",
			   _("posthaste needs a server that takes all messages: ask your mail provider for it."));
		return false;
	}
	import_account(im, "dma");
	import_set(im, OPT_HOST, host);
	import_set(im, OPT_PORT, port && *port ? port : "25");
	import_set_tls(im, !secure ? IMPORT_NO_TLS : starttls ? IMPORT_STARTTLS : IMPORT_TLS);
	const char *certificate = import_take(im, "CERTFILE");
	import_set(im, OPT_TLS_CERT_FILE, certificate);
	import_set(im, OPT_TLS_KEY_FILE, certificate);
	import_set(im, OPT_TLS_FINGERPRINT, import_take(im, "FINGERPRINT"));
	bool insecure = import_take_yes(im, "INSECURE");
	find_login(im, host, &user, &password);
	bool ok = import_set_login(im, "dma", NULL, user, password, !secure && insecure, err);
	if (password)
		explicit_bzero(password, strlen(password));
	if (!ok)
		return false;
	set_sender(im);
	import_set(im, OPT_ALIASES, import_take(im, "ALIASES"));
	import_set(im, OPT_QUEUE, import_take_yes(im, "DEFER") ? "always" : NULL);
	import_set(im, OPT_DSN_RETURN, import_take_yes(im, "FULLBOUNCE") ? "full" : NULL);
	import_explain_rest(im, reasons, ARRAY_SIZE(reasons));
	return true;
}
