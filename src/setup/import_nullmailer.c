/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nullmailer's remotes: "HOST [PROTOCOL [OPTION...]]", quoted as in a shell; settings of its own in files beside it. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "setup/import_private.h"

static const struct import_reason reasons[] = {
	{"x509fmtder", N_("certificates are in PEM: openssl x509 -inform DER converts them.")},
	{"tls-anon-auth", N_("a server without a certificate is nobody in particular.")},
};

/* Takes the next word, as a shell would; false at the end. */
static bool take_word(struct span *rest, struct strbuf *word)
{
	char quote = '\0';
	size_t i = 0;
	strbuf_reset(word);
	*rest = span_trim(*rest);
	if (!rest->len)
		return false;
	for (; i < rest->len && (quote || !ascii_isblank(rest->ptr[i])); i++) {
		char c = rest->ptr[i];
		if (quote ? c == quote : c == '"' || c == '\'') {
			quote = quote ? '\0' : c;
			continue;
		}
		if (c == '\\' && quote != '\'' && i + 1 < rest->len)
			c = rest->ptr[++i];
		strbuf_addch(word, c);
	}
	*rest = span_sub(*rest, i, rest->len);
	return true;
}

/* Reads the options of one server: "--" before them may be left out. */
static void read_options(struct import *im, struct span line, unsigned number)
{
	AUTO(strbuf) word = STRBUF_INIT;
	while (take_word(&line, &word)) {
		struct span option = strbuf_span(&word);
		if (option.len > 2 && memcmp(option.ptr, "--", 2) == 0)
			option = span_sub(option, 2, option.len);
		const char *equals = memchr(option.ptr, '=', option.len);
		size_t at = equals ? (size_t)(equals - option.ptr) : option.len;
		import_add(im, span_sub(option, 0, at), span_sub(option, at + (equals != NULL), option.len), number);
		explicit_bzero(word.buf, word.len);
	}
}

/* Files beside remotes hold for all servers. */
static void set_common(struct import *im)
{
	AUTO_FREE char *helo = import_line_beside(im, "helohost");
	AUTO_FREE char *me = import_line_beside(im, "me");
	AUTO_FREE char *host = import_line_beside(im, "defaulthost");
	AUTO_FREE char *admin = import_line_beside(im, "adminaddr");
	AUTO_FREE char *lifetime = import_line_beside(im, "queuelifetime");
	AUTO_FREE char *seconds = import_line_beside(im, "sendtimeout");
	const char *domain = host ? host : me;
	AUTO_FREE char *from = domain ? xasprintf("%%U@%s", domain) : NULL;
	import_set(im, OPT_FROM, from);
	import_set(im, OPT_DOMAIN, helo ? helo : me);
	import_set(im, OPT_QUEUE_LIFETIME, lifetime);
	import_set(im, OPT_DEADLINE, seconds && strcmp(seconds, "0") != 0 ? seconds : NULL);
	if (admin)
		import_comment(im,
			       _("adminaddr %s: write \"root: %s\" into a file of aliases, and name it with aliases."),
			       admin, admin);
}

static void set_certificates(struct import *im)
{
	const char *certificate = import_take(im, "x509certfile"), *key = import_take(im, "x509keyfile");
	import_set(im, OPT_TLS_CERT_FILE, certificate);
	import_set(im, OPT_TLS_KEY_FILE, key ? key : certificate);
	import_set(im, OPT_TLS_TRUST_FILE, import_take(im, "x509cafile"));
	import_set(im, OPT_TLS_CRL_FILE, import_take(im, "x509crlfile"));
	if (!import_take_yes(im, "insecure"))
		return;
	import_comment(im, "%s", _("The certificate was not checked.  Remove this line if --check passes without it."));
	import_set(im, OPT_TLS_CERTCHECK, "off");
}

static bool add_server(struct import *im, const char *name, const char *host, const char *next, struct error *err)
{
	bool tls = import_take_yes(im, "tls") | import_take_yes(im, "ssl");
	bool starttls = import_take_yes(im, "starttls"), login = import_take_yes(im, "auth-login");
	const char *port = import_take(im, "port");
	const char *user = import_take(im, "user"), *password = import_take(im, "pass");
	import_account(im, name);
	import_set(im, OPT_HOST, host);
	import_set(im, OPT_PORT, port ? port : tls ? "465" : "25");
	import_set_tls(im, starttls ? IMPORT_STARTTLS : tls ? IMPORT_TLS : IMPORT_NO_TLS);
	set_certificates(im);
	import_set(im, OPT_SOURCE_IP, import_take(im, "source"));
	if (!import_set_login(im, name, login ? "login" : NULL, user, password, !tls && !starttls, err))
		return false;
	set_common(im);
	import_set(im, OPT_FALLBACK, next);
	import_explain_rest(im, reasons, ARRAY_SIZE(reasons));
	return true;
}

struct remote {
	struct span line;
	unsigned number;
};

/* Adds the server of that line; n: how many there are before it. */
static bool add_remote(struct import *im, const struct remote *r, size_t n, bool last, struct error *err)
{
	AUTO(strbuf) host = STRBUF_INIT;
	AUTO(strbuf) protocol = STRBUF_INIT;
	struct span rest = r->line;
	AUTO_FREE char *name = n ? xasprintf("nullmailer%zu", n + 1) : xstrdup("nullmailer");
	AUTO_FREE char *next = last ? NULL : xasprintf("nullmailer%zu", n + 2);
	(void)take_word(&rest, &host);
	(void)take_word(&rest, &protocol);
	struct import part = *im;
	part.v = NULL;
	part.n = part.cap = 0;
	read_options(&part, rest, r->number);
	bool ok = add_server(&part, name, host.buf, next, err);
	for (size_t i = 0; i < part.n; i++) {
		explicit_bzero(part.v[i].value, strlen(part.v[i].value));
		free(part.v[i].key);
		free(part.v[i].value);
	}
	free(part.v);
	return ok;
}

/* Is it a server that we can use? */
static bool speaks_smtp(struct import *im, const struct remote *r)
{
	AUTO(strbuf) host = STRBUF_INIT;
	AUTO(strbuf) protocol = STRBUF_INIT;
	struct span rest = r->line;
	(void)take_word(&rest, &host);
	if (!take_word(&rest, &protocol) || strcmp(protocol.buf, "smtp") == 0)
		return true;
	import_comment(im, _("Not taken over: %s (line %u): posthaste does not speak %s."), host.buf, r->number,
		       protocol.buf);
	return false;
}

bool import_nullmailer(struct import *im, struct error *err)
{
	struct remote *remotes = NULL;
	size_t n = 0, cap = 0;
	struct span rest = strbuf_span(&im->text), line;
	bool ok = true;
	for (unsigned number = 1; rest.len && span_split(&rest, '\n', &line); number++) {
		line = span_trim(line);
		if (!line.len || line.ptr[0] == '#' || !speaks_smtp(im, &(struct remote){line, number}))
			continue;
		GROW(remotes, n, cap);
		remotes[n++] = (struct remote){line, number};
	}
	if (!n)
		ok = error_set(err, ERROR_CONFIG, _("%s names no server"), im->path);
	for (size_t i = 0; ok && i < n; i++)
		ok = add_remote(im, &remotes[i], i, i + 1 == n, err);
	free(remotes);
	return ok;
}
